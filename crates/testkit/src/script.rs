//! What a scripted model does when it is called.

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// A door that a script stops at until the test opens it.
#[derive(Debug, Clone)]
pub struct Gate {
    open: Arc<watch::Sender<bool>>,
    reached: Arc<watch::Sender<usize>>,
}

impl Default for Gate {
    fn default() -> Self {
        Self { open: Arc::new(watch::Sender::new(false)), reached: Arc::new(watch::Sender::new(0)) }
    }
}

impl Gate {
    /// Lets everybody through, now and later.
    pub fn open(&self) {
        self.open.send_replace(true);
    }

    /// Waits until `count` calls in all have come to the door.
    pub async fn reached(&self, count: usize) {
        let mut reached = self.reached.subscribe();
        let came = reached.wait_for(|now| *now >= count);
        tokio::time::timeout(Duration::from_secs(60), came)
            .await
            .unwrap_or_else(|_| panic!("the model was not called {count} times"))
            .expect("the sender lives");
    }

    pub(crate) async fn pass(&self) {
        self.reached.send_modify(|now| *now += 1);
        let mut open = self.open.subscribe();
        let _ = open.wait_for(|now| *now).await;
    }
}

/// One thing that a script does.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Text(String),
    Call { id: String, name: String, arguments: String },
    Wait(Duration),
    Gate(Gate),
    Cut,
}

/// The answer to one call.
#[derive(Debug, Clone, Default)]
pub struct Script {
    pub(crate) steps: Vec<Step>,
    pub(crate) status: Option<u16>,
    pub(crate) retry_after: Option<u64>,
    pub(crate) usage: Option<(i64, i64)>,
    calls: usize,
}

impl Script {
    /// An answer of nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// An answer of this text, in pieces of a word.
    pub fn say(text: &str) -> Self {
        Self::new().and_say(text)
    }

    /// An answer that asks for one tool; the arguments are sent as they are.
    pub fn call(name: &str, arguments: &str) -> Self {
        Self::new().and_call(name, arguments)
    }

    /// An error.
    pub fn status(status: u16) -> Self {
        Self { status: Some(status), ..Self::default() }
    }

    /// An answer that never comes.
    pub fn hang() -> Self {
        Self::new().wait(Duration::from_secs(3600))
    }

    /// Says more, in pieces of a word.
    pub fn and_say(mut self, text: &str) -> Self {
        self.steps.extend(text.split_inclusive(' ').map(|word| Step::Text(word.to_owned())));
        self
    }

    /// Asks for one more tool.
    pub fn and_call(mut self, name: &str, arguments: &str) -> Self {
        self.calls += 1;
        let id = format!("call_{}", self.calls);
        self.steps.push(Step::Call { id, name: name.to_owned(), arguments: arguments.to_owned() });
        self
    }

    /// Waits here for the test.
    pub fn gate(mut self, gate: &Gate) -> Self {
        self.steps.push(Step::Gate(gate.clone()));
        self
    }

    /// Waits here for a time.
    pub fn wait(mut self, time: Duration) -> Self {
        self.steps.push(Step::Wait(time));
        self
    }

    /// Breaks the connection off here.
    pub fn cut(mut self) -> Self {
        self.steps.push(Step::Cut);
        self
    }

    /// Says in an error when to come back.
    pub fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// The tokens that it says it used, of the prompt and of the answer; else a guess.
    pub fn usage(self, input: i64, output: i64) -> Self {
        Self { usage: Some((input, output)), ..self }
    }
}
