//! The figures, the table and the file of results.

use crate::Outcome;
use serde::Serialize;
use std::io::Write as _;
use std::path::Path;

/// One line of the table.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Figure {
    /// What was measured.
    pub(crate) name: String,
    /// What came out, for people.
    pub(crate) figure: String,
    /// The number that the aim is about, or the most telling one.
    pub(crate) value: f64,
    /// Our number over that of the bare counterpart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ratio: Option<f64>,
    /// What was wanted, for people.
    pub(crate) aim: String,
    /// Whether it was reached; absent where there is no aim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) met: Option<bool>,
}

impl Figure {
    /// A figure without an aim.
    pub(crate) fn plain(name: impl Into<String>, value: f64, figure: String) -> Self {
        Self { name: name.into(), figure, value, ratio: None, aim: String::new(), met: None }
    }

    /// A figure that should be below a limit.
    pub(crate) fn below(self, limit: f64, unit: &str) -> Self {
        Self { aim: format!("< {limit} {unit}"), met: Some(self.value < limit), ..self }
    }

    /// A figure with its ratio to a bare counterpart, which should be at least `least`.
    pub(crate) fn against(self, ratio: f64, least: f64) -> Self {
        Self { ratio: Some(ratio), aim: format!("ratio >= {least}"), met: Some(ratio >= least), ..self }
    }

    /// A figure with its ratio to a bare counterpart, which should be at most `most`.
    pub(crate) fn within(self, ratio: f64, most: f64) -> Self {
        Self { ratio: Some(ratio), aim: format!("ratio < {most}"), met: Some(ratio < most), ..self }
    }

    /// A figure with its ratio to a bare counterpart.
    pub(crate) fn beside(self, ratio: f64) -> Self {
        Self { ratio: Some(ratio), ..self }
    }

    /// What could not be measured, and why.
    pub(crate) fn failed(name: &str, error: &str) -> Self {
        let figure = format!("not measured: {error}");
        Self { name: name.to_owned(), figure, value: f64::NAN, ratio: None, aim: String::new(), met: Some(false) }
    }

    fn verdict(&self) -> &'static str {
        match self.met {
            Some(true) => "met",
            Some(false) => "NOT MET",
            None => "",
        }
    }
}

/// All that is written to the file.
#[derive(Serialize)]
pub(crate) struct Results {
    pub(crate) machine: Vec<(String, String)>,
    pub(crate) quick: bool,
    pub(crate) figures: Vec<Figure>,
}

impl Results {
    /// Writes the results as JSON.
    pub(crate) fn write(&self, path: &Path) -> Outcome<()> {
        Ok(std::fs::write(path, serde_json::to_vec_pretty(self)?)?)
    }

    /// Prints the machine and the table.
    pub(crate) fn print(&self) {
        for (name, value) in &self.machine {
            say(&format!("{name:<12} {value}"));
        }
        say("");
        let width = |of: fn(&Figure) -> usize, least: usize| self.figures.iter().map(of).max().unwrap_or(0).max(least);
        let (name, figure) = (width(|f| f.name.chars().count(), 4), width(|f| f.figure.chars().count(), 6));
        say(&format!("{:<name$}  {:<figure$}  {:>5}  {:<12}", "what", "figure", "ratio", "aim"));
        for row in &self.figures {
            let ratio = row.ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
            let line =
                format!("{:<name$}  {:<figure$}  {ratio:>5}  {:<12}  {}", row.name, row.figure, row.aim, row.verdict());
            say(line.trim_end());
        }
    }
}

/// Prints a line; a closed pipe is no reason to stop.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

/// Says on standard error what is going on.
pub(crate) fn progress(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
