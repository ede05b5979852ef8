//! The command that answers a message.

use super::Asked;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// The largest reply; the server takes no frame over 256 KiB, and a byte may take six in JSON.
pub(super) const LARGEST_REPLY: usize = 40 * 1024;
/// How much of what a failed command complains is passed on.
const LONGEST_COMPLAINT: usize = 2000;

/// A command and the time that it may take.
pub(super) struct Program {
    pub(super) command: String,
    pub(super) time: Duration,
}

impl Program {
    /// What the command prints, or why it has nothing to say. When time is up, all that it started is killed.
    pub(super) async fn answer(&self, asked: &Asked) -> String {
        let mut command = Command::new("sh");
        command.arg("-c").arg(&self.command).env("MUSTER_MESSAGE_ID", &asked.id).env("MUSTER_FROM", &asked.from);
        // The token is for this program alone.
        command.env_remove("MUSTER_AGENT_TOKEN");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0).kill_on_drop(true);
        let child = match command.spawn() {
            Ok(child) => child,
            Err(error) => return format!("the command could not be started: {error}"),
        };
        let group = Group(child.id());
        match timeout(self.time, converse(child, &asked.reason)).await {
            Ok(answer) => {
                group.has_ended();
                answer
            }
            Err(_) => format!("the command did not finish within {} s and was ended", self.time.as_secs()),
        }
    }
}

async fn converse(mut child: Child, question: &str) -> String {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let ask = async {
        if let Some(mut stdin) = stdin {
            // A command need not read what it is asked.
            let _ = stdin.write_all(question.as_bytes()).await;
        }
    };
    let (status, (), said, complaint) = tokio::join!(child.wait(), ask, head(stdout), tail(stderr));
    match status {
        Ok(status) if status.success() => said,
        Ok(status) => format!("the command failed ({status}): {}", complaint.trim()),
        Err(error) => format!("the command cannot be waited for: {error}"),
    }
}

/// The first of what is printed, and a remark when there was more. All of it is read, so that nobody waits for a reader.
async fn head(from: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut from) = from else { return String::new() };
    let mut bytes = Vec::new();
    let _ = (&mut from).take(LARGEST_REPLY as u64).read_to_end(&mut bytes).await;
    let more = tokio::io::copy(&mut from, &mut tokio::io::sink()).await.unwrap_or(0);
    if more == 0 {
        return String::from_utf8_lossy(&bytes).into_owned();
    }
    // A character may have been cut in two.
    let whole = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let text =
        if whole.len() + 4 > bytes.len() { whole.to_owned() } else { String::from_utf8_lossy(&bytes).into_owned() };
    format!("{text}\n[{more} more bytes were cut off]")
}

/// The last of what is printed.
async fn tail(from: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut from) = from else { return String::new() };
    let (mut kept, mut piece) = (Vec::new(), vec![0; 4096]);
    while let Ok(count @ 1..) = from.read(&mut piece).await {
        kept.extend_from_slice(&piece[..count]);
        let surplus = kept.len().saturating_sub(LONGEST_COMPLAINT);
        kept.drain(..surplus);
    }
    String::from_utf8_lossy(&kept).into_owned()
}

/// All processes that a command started; killed when it is dropped before they have ended.
struct Group(Option<u32>);

impl Group {
    fn has_ended(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.0 {
            let kill = format!("kill -s KILL -- -{leader}");
            let _ = std::process::Command::new("sh").arg("-c").arg(kill).stderr(Stdio::null()).status();
        }
    }
}
