//! Following a stream of events over connections that break.

use super::api::{Api, Events};
use super::failure::is_passing;
use eventsource_stream::Event;
use futures::StreamExt;
use muster_base::{Error, Kind, Result};
use reqwest::Url;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A connection that held this long is a new beginning: what was before it no longer counts as one long outage.
const HELD: Duration = Duration::from_secs(10);

/// What a follower heard.
pub(super) enum Heard {
    Event(Event),
    /// The connection is gone, for the first time since the last event or again; the follower goes on trying.
    Lost,
}

/// Follows a stream: when the connection breaks it goes on after the last event that it saw.
pub(super) struct Follower<'a> {
    api: &'a Api,
    url: Url,
    last: Option<String>,
    open: Option<Events>,
    opened_at: Instant,
    /// How long an outage may be; `None` for ever.
    patience: Option<Duration>,
    lost_at: Option<Instant>,
    pause: Duration,
    try_at: Option<Instant>,
}

impl<'a> Follower<'a> {
    /// Follows `url` after the event with the id `last`.
    pub(super) fn new(api: &'a Api, url: Url, last: Option<String>, patience: Option<Duration>) -> Self {
        Self {
            api,
            url,
            last,
            open: None,
            opened_at: Instant::now(),
            patience,
            lost_at: None,
            pause: FIRST_PAUSE,
            try_at: None,
        }
    }

    /// Goes on with a stream that is open already.
    pub(super) fn with(mut self, open: Events) -> Self {
        self.open = Some(open);
        self
    }

    /// The next event. An error is one that trying again does not mend, or an outage longer than our patience.
    pub(super) async fn next(&mut self) -> Result<Heard> {
        if let Some(at) = self.try_at {
            sleep_until(at).await;
            self.try_at = None;
        }
        if self.open.is_none() {
            match self.api.stream(&self.url, self.last.as_deref()).await {
                Ok(events) => self.opened(events),
                Err(error) if is_passing(&error) => return self.lost(&error),
                Err(error) => return Err(error),
            }
        }
        let next = match &mut self.open {
            Some(events) => events.next().await,
            None => None,
        };
        match next {
            Some(Ok(event)) => Ok(self.heard(event)),
            Some(Err(error)) => self.lost(&error),
            None => self.lost(&Error::new(Kind::Unavailable, "client.connection", "the server ended the stream")),
        }
    }

    fn opened(&mut self, events: Events) {
        self.open = Some(events);
        self.opened_at = Instant::now();
    }

    fn heard(&mut self, event: Event) -> Heard {
        self.lost_at = None;
        self.pause = FIRST_PAUSE;
        if !event.id.is_empty() {
            self.last = Some(event.id.clone());
        }
        Heard::Event(event)
    }

    fn lost(&mut self, error: &Error) -> Result<Heard> {
        let now = Instant::now();
        if self.open.take().is_some() && now - self.opened_at > HELD {
            self.lost_at = None;
            self.pause = FIRST_PAUSE;
        }
        let since = *self.lost_at.get_or_insert(now);
        if self.patience.is_some_and(|patience| now - since > patience) {
            let message = format!("{} (tried again for {} s)", error.message(), (now - since).as_secs());
            return Err(Error::new(Kind::Unavailable, error.code(), message));
        }
        let asked = error.retry_after().map_or(Duration::ZERO, Duration::from_secs);
        self.try_at = Some(now + self.pause.max(asked.min(LONGEST_PAUSE)));
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        Ok(Heard::Lost)
    }
}
