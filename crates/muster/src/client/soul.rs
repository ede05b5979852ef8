//! `muster soul`

use super::api::Api;
use super::table::{Field, table};
use super::terminal::{Ink, as_word, harmless, one_line, paint, print, remark, say};
use super::times::{ago, now};
use super::{Connection, find};
use clap::{Args, Subcommand};
use muster_base::{Error, Kind, Millis, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::Read;
use std::path::{Path, PathBuf};

const EDIT_HELP: &str = "\
Nothing is written when the text stays as it is, or when somebody else changed it meanwhile.

Examples:
  muster soul edit code-reviewer
  muster soul edit code-reviewer --file soul.md
  cat soul.md | muster soul edit code-reviewer --file -";

/// Show and edit who an agent is, and go back to an earlier version
#[derive(Subcommand)]
pub(crate) enum Soul {
    /// Show an agent's soul
    Show(Of),
    /// Edit an agent's soul in your editor, or take it from a file
    #[command(after_help = EDIT_HELP)]
    Edit(Edit),
    /// List the versions of what an agent is told to be
    History(Of),
    /// Go back to a version; that makes a new one
    Restore(Restore),
}

/// Whose soul.
#[derive(Args)]
pub(crate) struct Of {
    /// The agent, by its number, id or name
    agent: String,
    #[command(flatten)]
    connection: Connection,
}

/// What becomes the soul.
#[derive(Args)]
pub(crate) struct Edit {
    #[command(flatten)]
    of: Of,
    /// A file with the new soul, in place of the editor; - is standard input
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The editor
    #[arg(long, env = "EDITOR", value_name = "COMMAND", default_value = "vi")]
    editor: String,
}

/// Where to go back to.
#[derive(Args)]
pub(crate) struct Restore {
    #[command(flatten)]
    of: Of,
    /// The version, as `muster soul history` counts them
    #[arg(value_name = "VERSION", value_parser = clap::value_parser!(u32).range(1..))]
    number: u32,
}

impl Soul {
    pub(crate) async fn run(self) -> Result<()> {
        match self {
            Self::Show(of) => of.show().await,
            Self::Edit(edit) => edit.run().await,
            Self::History(of) => of.history().await,
            Self::Restore(restore) => restore.run().await,
        }
    }
}

/// A soul as the API shows it.
#[derive(Debug, Deserialize)]
struct Shown {
    soul_content: Option<String>,
}

impl Of {
    /// The agent's id, and the server.
    async fn open(&self) -> Result<(Api, String)> {
        let api = self.connection.open()?;
        let agent = find::find(&api, &self.agent).await?.id;
        Ok((api, agent))
    }

    async fn show(&self) -> Result<()> {
        let (api, agent) = self.open().await?;
        let answer = api.get(&api.in_mission(&["agents", &agent, "soul"], &[])).await?;
        if self.connection.json {
            return say(format!("{answer:#}"));
        }
        match api.read::<Shown>(answer)?.soul_content {
            Some(soul) => say(harmless(&soul)),
            None => {
                remark(&format!("it has none; `muster soul edit {}` gives it one", as_word(&self.agent)));
                Ok(())
            }
        }
    }

    async fn history(&self) -> Result<()> {
        let (api, agent) = self.open().await?;
        let mut all: Vec<Value> = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let mut query = vec![("limit", "200")];
            query.extend(token.as_deref().map(|token| ("pageToken", token)));
            let mut page = api.get(&api.in_org(&["agents", &agent, "versions"], &query).await?).await?;
            if let Value::Array(rows) = page["data"].take() {
                all.extend(rows);
            }
            token = page["nextPageToken"].as_str().map(str::to_owned);
            if token.is_none() {
                break;
            }
        }
        if self.connection.json {
            return say(format!("{:#}", Value::Array(all)));
        }
        let now = now();
        let rows = all.into_iter().map(|row| Ok(version_row(&api.read(row)?, now))).collect::<Result<Vec<_>>>()?;
        say(table(["VERSION", "MADE", "BY", "WHAT"], rows))
    }
}

/// A version as the API lists it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    version: i64,
    created_at: Millis,
    actor: Who,
    fields: Option<Vec<String>>,
    restored: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct Who {
    name: String,
}

fn version_row(version: &Version, now: Millis) -> [Field; 4] {
    let what = match (version.restored, &version.fields) {
        (Some(from), _) => format!("back to {from}"),
        (None, Some(fields)) => fields.join(", "),
        (None, None) => String::new(),
    };
    [
        Field::number(version.version),
        Field::text(ago(version.created_at, now)),
        Field::text(one_line(&version.actor.name, 40)),
        Field::text(one_line(&what, 80)),
    ]
}

impl Edit {
    async fn run(self) -> Result<()> {
        let (api, agent) = self.of.open().await?;
        let url = api.in_mission(&["agents", &agent, "soul"], &[]);
        let before = api.read::<Shown>(api.get(&url).await?)?.soul_content.unwrap_or_default();
        let (text, draft) = match &self.file {
            Some(file) => (read_file(file)?, None),
            None => {
                let (text, draft) = in_editor(&self.editor, &before).await?;
                (text, Some(draft))
            }
        };
        if text.trim_end() == before.trim_end() {
            if self.of.connection.json {
                let unchanged = json!({"success": true, "changed": false, "soul_content": before});
                return say(format!("{unchanged:#}"));
            }
            remark("nothing is different, so nothing was written");
            return Ok(());
        }
        let written = write(&api, &url, &before, &text).await;
        if let (Err(error), Some(draft)) = (&written, draft) {
            // An hour's work must not go with a lost connection.
            let kept = draft.keep().map_err(Error::internal)?.1;
            return Err(Error::new(error.kind(), "soul.kept", format!("{error}; your text is in {}", kept.display())));
        }
        let mut answer = written?;
        if self.of.connection.json {
            answer["changed"] = json!(true);
            return say(format!("{answer:#}"));
        }
        say(format!("the soul of {} is written", paint(Ink::Bold, &one_line(&self.of.agent, 100))))
    }
}

async fn write(api: &Api, url: &reqwest::Url, before: &str, text: &str) -> Result<Value> {
    let now = api.read::<Shown>(api.get(url).await?)?.soul_content.unwrap_or_default();
    if now != before {
        return Err(Error::conflict("somebody else changed the soul meanwhile; look at it and edit it again"));
    }
    api.put(url, &json!({"soul_content": text.trim_end()})).await
}

fn read_file(file: &Path) -> Result<String> {
    let mut text = String::new();
    let read = if file == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).map(drop)
    } else {
        std::fs::read_to_string(file).map(|read| text = read)
    };
    read.map_err(|error| Error::invalid("file", format!("{} cannot be read: {error}", file.display())))?;
    Ok(text)
}

/// Has a person edit a text in a file; the shell splits the command, as it does for other programs that start an editor.
async fn in_editor(editor: &str, text: &str) -> Result<(String, tempfile::NamedTempFile)> {
    let draft = tempfile::Builder::new().prefix("soul-").suffix(".md").tempfile().map_err(Error::internal)?;
    std::fs::write(draft.path(), text).map_err(Error::internal)?;
    let mut command = tokio::process::Command::new("sh");
    command.arg("-c").arg(format!("{editor} \"$1\"")).arg("sh").arg(draft.path());
    let status = command.status().await.map_err(Error::internal)?;
    if !status.success() {
        let message = format!("`{editor}` ended with {status}; nothing was written");
        return Err(Error::new(Kind::Invalid, "soul.editor", message));
    }
    let edited = std::fs::read_to_string(draft.path()).map_err(|error| Error::invalid("file", error))?;
    Ok((edited, draft))
}

impl Restore {
    async fn run(self) -> Result<()> {
        let (api, agent) = self.of.open().await?;
        let version = self.number.to_string();
        let url = api.in_org(&["agents", &agent, "versions", &version, "_restore"], &[]).await?;
        let answer = api.post(&url, &json!({})).await?;
        if self.of.connection.json {
            return say(format!("{answer:#}"));
        }
        print(&format!("back to version {version}, as version {}\n", answer["version"]))
    }
}
