//! Commands: read as one types them, and admitted when they only read.

use crate::params::wrong;
use muster_base::{Error, Result};
use serde_json::{Map, Value};

/// Commands that read, hold nothing up and tell nothing of the server's administration.
const READING: [&str; 83] = [
    "BITCOUNT",
    "BITFIELD_RO",
    "BITPOS",
    "DBSIZE",
    "EXISTS",
    "EXPIRETIME",
    "GEODIST",
    "GEOHASH",
    "GEOPOS",
    "GEORADIUS_RO",
    "GEORADIUSBYMEMBER_RO",
    "GEOSEARCH",
    "GET",
    "GETBIT",
    "GETRANGE",
    "HEXISTS",
    "HGET",
    "HGETALL",
    "HKEYS",
    "HLEN",
    "HMGET",
    "HPTTL",
    "HRANDFIELD",
    "HSCAN",
    "HSTRLEN",
    "HTTL",
    "HVALS",
    "INFO",
    "JSON.ARRLEN",
    "JSON.GET",
    "JSON.MGET",
    "JSON.OBJKEYS",
    "JSON.OBJLEN",
    "JSON.STRLEN",
    "JSON.TYPE",
    "LCS",
    "LINDEX",
    "LLEN",
    "LPOS",
    "LRANGE",
    "MEMORY",
    "MGET",
    "OBJECT",
    "PEXPIRETIME",
    "PTTL",
    "SCAN",
    "SCARD",
    "SDIFF",
    "SINTER",
    "SINTERCARD",
    "SISMEMBER",
    "SMEMBERS",
    "SMISMEMBER",
    "SORT_RO",
    "SRANDMEMBER",
    "SSCAN",
    "STRLEN",
    "SUBSTR",
    "SUNION",
    "TIME",
    "TTL",
    "TYPE",
    "XINFO",
    "XLEN",
    "XPENDING",
    "XRANGE",
    "XREAD",
    "XREVRANGE",
    "ZCARD",
    "ZCOUNT",
    "ZDIFF",
    "ZINTER",
    "ZINTERCARD",
    "ZLEXCOUNT",
    "ZMSCORE",
    "ZRANDMEMBER",
    "ZRANGE",
    "ZRANGEBYLEX",
    "ZRANGEBYSCORE",
    "ZRANK",
    "ZREVRANGE",
    "ZSCAN",
    "ZSCORE",
];

/// The second words with which these commands read.
const SUBCOMMANDS: [(&str, &[&str]); 3] = [
    ("MEMORY", &["USAGE"]),
    ("OBJECT", &["ENCODING", "FREQ", "IDLETIME", "REFCOUNT"]),
    ("XINFO", &["STREAM", "GROUPS", "CONSUMERS"]),
];

const MOST_WORDS: usize = 1000;

/// A command that only reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command {
    /// In capitals.
    pub(super) name: String,
    pub(super) arguments: Vec<String>,
}

impl Command {
    /// A command of our own.
    pub(super) fn of(words: &[&str]) -> Self {
        let mut words = words.iter().map(|word| (*word).to_owned());
        Self { name: words.next().unwrap_or_default(), arguments: words.collect() }
    }

    /// Reads a command; a word that is `:name`, without quotes, stands for the value of that name.
    ///
    /// Errors: `invalid` with the field `query` or `params.name`.
    pub(super) fn read(text: &str, params: &Map<String, Value>) -> Result<Self> {
        let mut used = Vec::new();
        let mut words = Vec::new();
        for word in split(text)? {
            words.push(match word {
                Word::Plain(text) => match text.strip_prefix(':').filter(|name| !name.is_empty()) {
                    Some(name) => {
                        used.push(name.to_owned());
                        value(name, params)?
                    }
                    None => text,
                },
                Word::Quoted(text) => text,
            });
        }
        if let Some(unused) = params.keys().find(|name| !used.contains(name)) {
            return Err(wrong(unused, &format!("the command has no place for it; write :{unused}")));
        }
        let mut words = words.into_iter();
        let name = words.next().unwrap_or_default().to_ascii_uppercase();
        let command = Self { name, arguments: words.collect() };
        command.admit()?;
        Ok(command)
    }

    /// Whether a word is among the arguments, in any case.
    pub(super) fn has(&self, word: &str) -> bool {
        self.arguments.iter().any(|argument| argument.eq_ignore_ascii_case(word))
    }

    fn admit(&self) -> Result<()> {
        let refuse = |problem: &str| Err(Error::invalid("query", problem));
        match self.name.as_str() {
            "KEYS" => {
                return refuse("must not be KEYS, which holds the server up; use the resource `keys` with a pattern");
            }
            "XREAD" if self.has("BLOCK") => return refuse("must not wait: leave out BLOCK"),
            _ => {}
        }
        if !READING.contains(&self.name.as_str()) {
            return refuse(&format!(
                "must be a command that reads, such as GET, HGETALL or ZRANGE; {} is refused",
                self.name
            ));
        }
        let known = SUBCOMMANDS.iter().find(|(name, _)| *name == self.name).map(|(_, words)| words);
        if let Some(words) = known {
            let second = self.arguments.first().map(|word| word.to_ascii_uppercase()).unwrap_or_default();
            if !words.contains(&second.as_str()) {
                return refuse(&format!("must be {} with one of {}", self.name, words.join(", ")));
            }
        }
        Ok(())
    }
}

fn value(name: &str, params: &Map<String, Value>) -> Result<String> {
    match params.get(name) {
        None => Err(wrong(name, "is named in the command and must be given")),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Number(number)) => Ok(number.to_string()),
        Some(_) => Err(wrong(name, "must be text or a number")),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Word {
    Plain(String),
    Quoted(String),
}

/// The words of a command; those in quotes may hold spaces, and `\` escapes in double quotes, as in redis-cli.
fn split(text: &str) -> Result<Vec<Word>> {
    let mut words = Vec::new();
    let mut chars = text.trim().chars().peekable();
    while let Some(first) = chars.next() {
        if words.len() >= MOST_WORDS {
            return Err(Error::invalid("query", format!("must have at most {MOST_WORDS} words")));
        }
        match first {
            ' ' | '\t' => {}
            '\n' | '\r' => return Err(Error::invalid("query", "must be one command on one line")),
            '"' | '\'' => {
                let mut word = String::new();
                loop {
                    match chars.next() {
                        None => return Err(Error::invalid("query", "has a quote that does not end")),
                        Some(end) if end == first => break,
                        Some('\\') if first == '"' || matches!(chars.peek(), Some('\'')) => {
                            word.push(escaped(chars.next()));
                        }
                        Some(other) => word.push(other),
                    }
                }
                if chars.peek().is_some_and(|next| !next.is_whitespace()) {
                    return Err(Error::invalid("query", "has text right after a quote; put a space between"));
                }
                words.push(Word::Quoted(word));
            }
            _ => {
                let mut word = String::from(first);
                while let Some(next) = chars.next_if(|next| !next.is_whitespace()) {
                    word.push(next);
                }
                words.push(Word::Plain(word));
            }
        }
    }
    Ok(words)
}

fn escaped(sign: Option<char>) -> char {
    match sign {
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some(other) => other,
        None => '\\',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> Result<Command> {
        Command::read(text, &Map::new())
    }

    #[test]
    fn commands_are_read_as_one_types_them() {
        assert_eq!(read("get greeting").expect("read"), Command::of(&["GET", "greeting"]));
        assert_eq!(read(r#"HGET "a \"b\" c" 'it\'s'"#).expect("read"), Command::of(&["HGET", "a \"b\" c", "it's"]));
        assert_eq!(read("GET ':a'").expect("quoted"), Command::of(&["GET", ":a"]));
        let params = json!({ "key": "a b; FLUSHALL", "n": 7 });
        let command = Command::read("LRANGE :key 0 :n", params.as_object().expect("an object")).expect("read");
        assert_eq!(command, Command::of(&["LRANGE", "a b; FLUSHALL", "0", "7"]));
        assert_eq!(read("GET :a").expect_err("missing").field(), Some("params.a"));
        let unused = Command::read("GET a", params.as_object().expect("an object"));
        assert_eq!(unused.expect_err("unused").field(), Some("params.key"));
        for text in ["GET \"a", "GET \"a\"b", "GET a\nFLUSHALL", ""] {
            assert_eq!(read(text).expect_err(text).field(), Some("query"));
        }
    }

    #[test]
    fn what_does_more_than_read_is_refused() {
        for text in [
            "SET a b",
            "DEL a",
            "FLUSHALL",
            "FLUSHDB",
            "KEYS *",
            "CONFIG GET *",
            "EVAL 'return 1' 0",
            "EVAL_RO x 0",
            "FCALL_RO f 0",
            "DEBUG SLEEP 1",
            "SHUTDOWN",
            "GETDEL a",
            "GETEX a",
            "GETSET a b",
            "RENAME a b",
            "SORT a STORE b",
            "BLPOP a 0",
            "XREAD BLOCK 0 STREAMS a $",
            "SUBSCRIBE a",
            "MONITOR",
            "MULTI",
            "AUTH x",
            "SELECT 1",
            "CLIENT KILL x",
            "SLAVEOF x 1",
            "ACL LIST",
            "MODULE LOAD x",
            "GEORADIUS a 1 1 1 m STORE b",
            "ZRANGESTORE a b 0 1",
            "COPY a b",
            "MEMORY PURGE",
            "OBJECT HELP",
            "XINFO HELP",
            "BITOP AND a b",
            "PFADD a b",
            "RESTORE a 0 x",
            "MIGRATE x",
            "SAVE",
            "\"SET\" a b",
            "WAIT 1 0",
            "HELLO 3",
            "UNLINK a",
            "JSON.SET a . 1",
            "SWAPDB 0 1",
            "PFCOUNT a",
        ] {
            assert_eq!(read(text).expect_err(text).field(), Some("query"), "{text}");
        }
    }
}
