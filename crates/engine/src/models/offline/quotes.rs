//! Answers a question by quoting what the agent was told: its instructions and its memory.

use super::commands::HELP;
use std::collections::HashSet;

/// The most sentences that are quoted.
const MOST_QUOTES: usize = 3;

/// The most characters of a quoted sentence.
const LONGEST_QUOTE: usize = 400;

/// Words that say nothing about what a question is about.
const COMMON_WORDS: &[&str] = &[
    "a", "about", "am", "an", "and", "any", "are", "as", "at", "be", "been", "but", "by", "can", "could", "did", "do",
    "does", "for", "from", "had", "has", "have", "hello", "hi", "how", "i", "if", "in", "is", "it", "its", "know",
    "me", "my", "no", "not", "of", "on", "or", "our", "please", "should", "so", "tell", "than", "that", "the", "their",
    "them", "then", "there", "these", "they", "this", "to", "was", "we", "were", "what", "when", "where", "which",
    "who", "why", "will", "with", "would", "yes", "you", "your",
];

/// A sentence that may be quoted.
#[derive(Debug, PartialEq, Eq)]
struct Sentence<'a> {
    /// The key, when it is from memory.
    memory: Option<&'a str>,
    text: &'a str,
}

/// Quotes the sentences of the system prompt that share most words with the question, and says where they are from.
pub(super) fn answer(system: &str, question: &str) -> String {
    let sentences = sentences(system);
    let quotes: Vec<String> = best(&sentences, question).into_iter().map(quote).collect();
    if quotes.is_empty() {
        return format!(
            "I found nothing about that in my instructions or my memory. You can use these commands:\n{HELP}"
        );
    }
    format!("This is what I was told about it:\n{}", quotes.join("\n"))
}

fn quote(sentence: &Sentence<'_>) -> String {
    let text = match sentence.text.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("{}...", &sentence.text[..end]),
        None => sentence.text.to_owned(),
    };
    match sentence.memory {
        Some(key) => format!("- from my memory, `{key}`: \"{text}\""),
        None => format!("- from my instructions: \"{text}\""),
    }
}

/// The sentences that share most words with the question, the best first and otherwise as they were written.
fn best<'a>(sentences: &'a [Sentence<'a>], question: &str) -> Vec<&'a Sentence<'a>> {
    let asked = words(question);
    let score = |sentence: &Sentence<'_>| {
        let mut said = words(sentence.text);
        said.extend(sentence.memory.map(words).unwrap_or_default());
        said.intersection(&asked).count()
    };
    let mut scored: Vec<_> = sentences.iter().map(|sentence| (score(sentence), sentence)).collect();
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    let highest = scored.first().map_or(0, |(score, _)| *score);
    let is_close = |score: usize| score > 0 && score * 2 >= highest;
    scored.into_iter().take(MOST_QUOTES).filter(|(score, _)| is_close(*score)).map(|(_, sentence)| sentence).collect()
}

/// The system prompt in sentences; the lines `- key: value` under `## Memory` are memory.
fn sentences(system: &str) -> Vec<Sentence<'_>> {
    let mut sentences = Vec::new();
    let mut in_memory = false;
    for line in system.lines().map(str::trim) {
        if line.starts_with('#') {
            in_memory = line.trim_start_matches('#').trim() == "Memory";
        } else if let (true, Some((key, text))) = (in_memory, memory(line)) {
            sentences.push(Sentence { memory: Some(key), text });
        } else {
            sentences.extend(split(line).into_iter().map(|text| Sentence { memory: None, text }));
        }
    }
    sentences
}

fn memory(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.strip_prefix("- ")?.split_once(':')?;
    Some((key.trim(), value.trim()))
}

/// A line in sentences: they end at `.`, `!` or `?` before a space, and at the full stop of Chinese and Japanese.
fn split(line: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut start = 0;
    let mut chars = line.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let is_end = match c {
            '.' | '!' | '?' => chars.peek().is_some_and(|(_, next)| next.is_whitespace()),
            '。' => true,
            _ => false,
        };
        if is_end {
            sentences.push(&line[start..at + c.len_utf8()]);
            start = at + c.len_utf8();
        }
    }
    sentences.push(&line[start..]);
    sentences.into_iter().map(str::trim).filter(|sentence| !sentence.is_empty()).collect()
}

/// The words that carry meaning, in lower case and without the plural's s.
fn words(text: &str) -> HashSet<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .map(str::to_lowercase)
        .filter(|word| !word.is_empty() && !COMMON_WORDS.contains(&word.as_str()))
        .map(|word| match word.strip_suffix('s') {
            Some(stem) if stem.chars().count() > 2 => stem.to_owned(),
            _ => word,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_is_split_into_sentences_and_memory() {
        let system = "You are Ann. Be kind! v1.2 is out\n\n## Memory\n- tea: green, no sugar\n\n## Other\nLast: line";
        let sentence = |memory, text| Sentence { memory, text };
        let expected = [
            sentence(None, "You are Ann."),
            sentence(None, "Be kind!"),
            sentence(None, "v1.2 is out"),
            sentence(Some("tea"), "green, no sugar"),
            sentence(None, "Last: line"),
        ];
        assert_eq!(sentences(system), expected);
    }
}
