//! A query as text that is sent: one statement, without comments, with places for named values.
//!
//! What is sent is put together from the tokens that were checked. Comments are left out, so nothing can hide in what one
//! side takes for a comment and the other does not.

use super::refuse;
use muster_base::{Error, Result};
use serde_json::{Map, Value};
use sqlparser::ast::Statement;
use sqlparser::dialect::Dialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer, Word};

/// The most tokens of a query; it bounds how deep its tree can be.
const MOST_TOKENS: usize = 6000;

/// A piece of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// Goes as it is.
    Text(String),
    /// The place of a named value.
    Named(String),
}

/// A query that was read.
#[derive(Debug)]
pub(crate) struct Sql {
    pub(crate) statement: Statement,
    pub(crate) parts: Vec<Part>,
    /// Tokens without white space and comments.
    pub(super) tokens: Vec<Token>,
}

impl Sql {
    /// Reads a query of one statement. `:name` is the place of a value where `params` has it, outside of literals.
    ///
    /// Errors: `invalid` with the field `query`, or `params.name` for a place without a value or a value without a place.
    pub(crate) fn read(dialect: &dyn Dialect, text: &str, params: &Map<String, Value>) -> Result<Self> {
        // MySQL executes what is in such comments.
        if text.contains("/*!") || text.contains("/*M!") {
            return Err(refuse("must not have comments that begin with /*! or /*M!"));
        }
        let mut tokenizer = Tokenizer::new(dialect, text).with_unescape(false);
        let all = tokenizer.tokenize_with_location().map_err(|error| refuse(format!("cannot be read: {error}")))?;
        let placed = place(text, all, params)?;
        if let Some(unused) = params.keys().find(|name| !placed.named(name)) {
            return Err(Error::invalid(
                format!("params.{unused}"),
                format!("the query has no place for it; write :{unused}"),
            ));
        }
        if placed.tokens.is_empty() {
            return Err(refuse("is empty; write a SELECT"));
        }
        let tokens: Vec<Token> = placed.tokens.iter().map(|token| token.token.clone()).collect();
        let mut parser = Parser::new(dialect).with_tokens_with_locations(placed.tokens);
        let statement = parser.parse_statement().map_err(|error| refuse(format!("cannot be read: {error}")))?;
        match parser.peek_token().token {
            Token::EOF => Ok(Self { statement, parts: placed.parts, tokens }),
            other => Err(refuse(format!("cannot be read: `{other}` was not expected there"))),
        }
    }

    /// The query with each place for a value written by `place`, which gets its name.
    pub(crate) fn write(&self, mut place: impl FnMut(&str) -> String) -> String {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Named(name) => place(name),
            })
            .collect()
    }

    /// The names before an opening bracket: everything that could be a call of a function. Names without quotes are in
    /// lower case.
    pub(crate) fn called(&self) -> Vec<String> {
        self.before(&Token::LParen)
    }

    fn before(&self, sign: &Token) -> Vec<String> {
        let pairs = self.tokens.iter().zip(self.tokens.iter().skip(1));
        pairs
            .filter_map(|(token, next)| match token {
                Token::Word(word) if next == sign => Some(name(word)),
                _ => None,
            })
            .collect()
    }

    /// The names before a period.
    pub(crate) fn qualifiers(&self) -> Vec<String> {
        self.before(&Token::Period)
    }

    /// Every name in it, whatever it may be the name of.
    pub(crate) fn names(&self) -> Vec<String> {
        self.tokens
            .iter()
            .filter_map(|token| match token {
                Token::Word(word) => Some(name(word)),
                _ => None,
            })
            .collect()
    }

    /// Whether a word without quotes is in it.
    pub(super) fn has_word(&self, wanted: &str) -> bool {
        self.tokens.iter().any(|token| match token {
            Token::Word(word) => word.quote_style.is_none() && word.value.eq_ignore_ascii_case(wanted),
            _ => false,
        })
    }
}

/// An identifier as the database knows it: PostgreSQL leaves letters beyond ASCII as they are.
fn name(word: &Word) -> String {
    match word.quote_style {
        Some(quote) => word.value.replace(&format!("{quote}{quote}"), &quote.to_string()),
        None => word.value.to_ascii_lowercase(),
    }
}

#[derive(Default)]
struct Placed {
    parts: Vec<Part>,
    tokens: Vec<TokenWithSpan>,
    /// The signs of operators that were read last, with nothing between them.
    signs: String,
}

impl Placed {
    fn named(&self, wanted: &str) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Named(name) if name == wanted))
    }

    /// Refuses signs in which PostgreSQL finds the beginning of a comment where the reader took them for an operator:
    /// what follows would be text to one of them and code to the other.
    fn check_signs(&mut self, token: &Token, text: &str) -> Result<()> {
        let is_name = matches!(token, Token::Word(_));
        if is_name || !text.chars().all(|sign| "+-*/<>=~!@#%^&|`?".contains(sign)) {
            self.signs.clear();
            return Ok(());
        }
        self.signs.push_str(text);
        if self.signs.contains("/*") || self.signs.contains("--") {
            return Err(refuse("must have a space between an operator and what follows it"));
        }
        Ok(())
    }

    fn push_text(&mut self, text: &str) {
        match self.parts.last_mut() {
            Some(Part::Text(before)) => before.push_str(text),
            _ => self.parts.push(Part::Text(text.to_owned())),
        }
    }
}

/// Finds the places for values, leaves comments out, and refuses what would be a second statement.
fn place(text: &str, all: Vec<TokenWithSpan>, params: &Map<String, Value>) -> Result<Placed> {
    let mut offsets = Offsets::new(text);
    let mut placed = Placed::default();
    let (mut ended, mut brackets) = (false, 0usize);
    let mut tokens = all.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let (from, to) = (offsets.find(token.span.start), offsets.find(token.span.end));
        match &token.token {
            Token::EOF => break,
            Token::Whitespace(_) => {
                placed.signs.clear();
                placed.push_text(" ");
                continue;
            }
            Token::SemiColon => {
                ended = true;
                continue;
            }
            _ if ended => return Err(refuse("must be one statement; leave out what follows the semicolon")),
            Token::Placeholder(_) => {
                return Err(refuse("must name its values as :name and give them in params"));
            }
            Token::LBracket => brackets += 1,
            Token::RBracket => brackets = brackets.saturating_sub(1),
            Token::Colon => {
                let next = tokens.peek().filter(|next| next.span.start == token.span.end);
                if let Some(name) = next.and_then(|next| plain(&next.token)) {
                    if params.contains_key(&name) {
                        let word = tokens.next().map_or(token.span, |next| next.span);
                        offsets.find(word.end);
                        placed.signs.clear();
                        placed.parts.push(Part::Named(name));
                        let stand_in = Token::Placeholder("?".to_owned());
                        placed.tokens.push(TokenWithSpan { token: stand_in, span: token.span });
                        continue;
                    }
                    if brackets == 0 {
                        return Err(Error::invalid(
                            format!("params.{name}"),
                            "is named in the query and must be given",
                        ));
                    }
                }
            }
            _ => {}
        }
        placed.check_signs(&token.token, &text[from..to])?;
        placed.push_text(&text[from..to]);
        placed.tokens.push(token);
        if placed.tokens.len() > MOST_TOKENS {
            return Err(refuse(format!("is too long; it may have at most {MOST_TOKENS} words and signs")));
        }
    }
    Ok(placed)
}

/// The name of a value: a word without quotes.
fn plain(token: &Token) -> Option<String> {
    match token {
        Token::Word(Word { value, quote_style: None, .. }) => Some(value.clone()),
        _ => None,
    }
}

/// Turns the places of tokens, which come in order, into places in the text.
pub(crate) struct Offsets<'a> {
    text: &'a str,
    rest: std::iter::Peekable<std::str::CharIndices<'a>>,
    at: Location,
}

impl<'a> Offsets<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, rest: text.char_indices().peekable(), at: Location { line: 1, column: 1 } }
    }

    /// Where a place is that is not before the one asked for last.
    pub(crate) fn find(&mut self, wanted: Location) -> usize {
        while (self.at.line, self.at.column) < (wanted.line, wanted.column) {
            match self.rest.next() {
                Some((_, '\n')) => self.at = Location { line: self.at.line + 1, column: 1 },
                Some(_) => self.at.column += 1,
                None => break,
            }
        }
        self.rest.peek().map_or(self.text.len(), |(at, _)| *at)
    }
}

/// Whether a word is one of SQL's own; used where a name would be looked up.
pub(super) fn is_keyword(token: &Token, keyword: Keyword) -> bool {
    matches!(token, Token::Word(word) if word.keyword == keyword && word.quote_style.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sqlparser::dialect::{MySqlDialect, PostgreSqlDialect};

    fn read(text: &str, params: Value) -> Result<Sql> {
        Sql::read(&PostgreSqlDialect {}, text, params.as_object().expect("an object"))
    }

    fn written(text: &str, params: Value) -> String {
        let mut count = 0;
        let sql = read(text, params).expect("readable");
        sql.write(|name| {
            count += 1;
            format!("<{count}{name}>")
        })
    }

    #[test]
    fn what_is_sent_is_what_was_read_without_comments() {
        let cases = [
            ("SELECT 1", "SELECT 1"),
            ("SELECT 'a -- b', \"x/*y\" -- tail\nFROM t ; ", "SELECT 'a -- b', \"x/*y\" FROM t "),
            ("SELECT /* a /* nested */ b */ 'it''s', E'a\\'b', $$raw ; $$", "SELECT   'it''s', E'a\\'b', $$raw ; $$"),
            ("SELECT 'ünïcode ✓', 1\n  ::text", "SELECT 'ünïcode ✓', 1   ::text"),
        ];
        for (text, sent) in cases {
            let collapse = |text: &str| text.split(' ').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
            assert_eq!(collapse(&written(text, json!({}))), collapse(sent), "{text}");
        }
    }

    #[test]
    fn named_values_have_places_outside_of_literals_only() {
        let sent = written("SELECT :a, ':a', \":a\", x::int, :b FROM t WHERE y = :a", json!({ "a": 1, "b": 2 }));
        assert_eq!(sent, "SELECT <1a>, ':a', \":a\", x::int, <2b> FROM t WHERE y = <3a>");
        assert_eq!(read("SELECT :a", json!({})).expect_err("missing").field(), Some("params.a"));
        assert_eq!(read("SELECT 1", json!({ "a": 1 })).expect_err("unused").field(), Some("params.a"));
        assert_eq!(written("SELECT x[1:2], y[a:b]", json!({})), "SELECT x[1:2], y[a:b]");
        assert!(read("SELECT $1", json!({})).is_err());
    }

    #[test]
    fn more_than_one_statement_is_refused() {
        for text in
            ["SELECT 1; SELECT 2", "SELECT 1;DROP TABLE t", ";", "", "SELECT 1; -- x\n SELECT 2", "SELECT 1 SELECT 2"]
        {
            assert!(read(text, json!({})).is_err(), "{text}");
        }
        assert!(read("SELECT 1;;", json!({})).is_ok());
    }

    #[test]
    fn no_operator_begins_a_comment() {
        assert_eq!(written("SELECT 1-:a-1", json!({ "a": 1 })), "SELECT 1-<1a>-1");
        for text in ["SELECT 1 </* ' */ 2, f() </*' >*/ 2", "SELECT 1 <--' f() --'", "SELECT 1 ?--1", "SELECT 1 <--1"] {
            let error = read(text, json!({})).expect_err(text);
            assert_eq!(error.field(), Some("query"), "{text}");
        }
        for text in
            ["SELECT 1 - -1", "SELECT 1 +/* a */ 1", "SELECT 1 * /* a */ -2", "SELECT j #>> '{--}', \"/*\" FROM t"]
        {
            read(text, json!({})).unwrap_or_else(|error| panic!("{text}: {error}"));
        }
    }

    #[test]
    fn names_are_as_the_database_knows_them() {
        let sql = read("SELECT Lower(\"A\"\"b\"(x), T . Ünder) FROM \"T\"", json!({})).expect("readable");
        assert_eq!(sql.called(), ["lower", "A\"b"]);
        assert_eq!(sql.names(), ["select", "lower", "A\"b", "x", "t", "Ünder", "from", "T"]);
    }

    #[test]
    fn rubbish_and_deep_queries_are_refused_and_never_overflow() {
        let deep = "(".repeat(2000) + "1" + &")".repeat(2000);
        let long = format!("SELECT 1{}", "+1".repeat(2900));
        let longer = format!("SELECT 1{}", "+1".repeat(10_000));
        assert!(read(&format!("SELECT {deep}"), json!({})).is_err());
        assert!(read(&longer, json!({})).is_err());
        drop(read(&long, json!({})));
        for text in ["SELECT '", "SELECT \u{0}", "/*", "SELECT $$", "\u{feff}SELECT 1", "SELECT `x"] {
            drop(read(text, json!({})));
            drop(Sql::read(&MySqlDialect {}, text, &Map::new()));
        }
    }
}
