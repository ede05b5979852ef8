//! From one page of an answer to the next.

use super::endpoint::{Call, Endpoint, Paging};
use super::param::text_of;
use crate::api::Reply;
use muster_outbound::Url;
use serde_json::Value;

/// The question for the page to ask next.
pub(crate) struct Pages {
    path: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    paging: Paging,
    size: Option<usize>,
    had: usize,
    number: usize,
}

/// Whether there is more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// That was all.
    End,
    /// There is more, and the question for it is ready.
    More,
    /// As much came as may come at once, and the API cannot be asked for the rest.
    Unknown,
}

/// What a page says about the next one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Cursor {
    None,
    Value(String),
    /// The query of a link.
    Link(Vec<(String, String)>),
}

impl Pages {
    pub(crate) fn new(endpoint: &Endpoint, call: Call) -> Self {
        let mut query = call.query;
        // One more than wanted tells whether there is more.
        let size = endpoint.page.map(|page| page.most.min(call.rows.saturating_add(1)));
        if let (Some(page), Some(size)) = (endpoint.page, size) {
            set(&mut query, page.param, size.to_string());
        }
        Self { path: call.path, query, paging: endpoint.paging, size, had: 0, number: 1 }
    }

    /// The parts of the path below the base URL.
    pub(crate) fn path(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }

    /// Reads what a page says about the next one, before its items are taken out.
    pub(crate) fn look(&self, answer: &Reply, body: &Value) -> Cursor {
        match self.paging {
            Paging::LinkHeader => answer.next_link().map_or(Cursor::None, |link| Cursor::Link(query_of(link))),
            Paging::LinkAt(at) => match body.pointer(at).and_then(Value::as_str) {
                Some(link) => Cursor::Link(query_of(link)),
                None => Cursor::None,
            },
            Paging::Cursor { at, .. } => {
                let value = body.pointer(at).and_then(text_of).filter(|value| !value.is_empty());
                value.map_or(Cursor::None, Cursor::Value)
            }
            _ => Cursor::None,
        }
    }

    /// Makes the question for the next page after one of `got` items.
    pub(crate) fn next(&mut self, cursor: Cursor, got: usize, last: Option<&Value>) -> Next {
        self.had += got;
        let full = self.size.is_some_and(|size| got >= size);
        match (self.paging, cursor) {
            (Paging::None, _) if full => return Next::Unknown,
            (Paging::LinkHeader | Paging::LinkAt(_), Cursor::Link(pairs)) if !pairs.is_empty() => {
                if pairs.iter().all(|pair| self.query.contains(pair)) {
                    return Next::End;
                }
                for (name, value) in pairs {
                    set(&mut self.query, &name, value);
                }
            }
            (Paging::Cursor { param, .. }, Cursor::Value(value)) => {
                if self.query.iter().any(|(name, before)| name == param && *before == value) {
                    return Next::End;
                }
                set(&mut self.query, param, value);
            }
            (Paging::Number(param), _) if full => {
                self.number += 1;
                set(&mut self.query, param, self.number.to_string());
            }
            (Paging::Offset(param), _) if full => set(&mut self.query, param, self.had.to_string()),
            (Paging::LastItem { param, at }, _) if full => {
                let Some(value) = last.and_then(|last| last.pointer(at)).and_then(text_of) else {
                    return Next::Unknown;
                };
                set(&mut self.query, param, value);
            }
            _ => return Next::End,
        }
        Next::More
    }
}

/// Sets a parameter that may be there already.
pub(crate) fn set(query: &mut Vec<(String, String)>, name: &str, value: String) {
    query.retain(|(other, _)| other != name);
    query.push((name.to_owned(), value));
}

fn query_of(link: &str) -> Vec<(String, String)> {
    let base = Url::parse("http://base").expect("it is one");
    let Ok(url) = base.join(link) else { return Vec::new() };
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_query_of_a_link_is_taken() {
        let pairs = [("page".to_owned(), "3".to_owned()), ("after".to_owned(), "a,b".to_owned())];
        assert_eq!(query_of("https://elsewhere.example.com/x?page=3&after=a%2Cb"), pairs);
        assert_eq!(query_of("/x?page=3&after=a%2Cb"), pairs);
        assert_eq!(query_of("http://"), []);
    }
}
