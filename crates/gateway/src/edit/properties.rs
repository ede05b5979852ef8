//! Whatever the file and the change: it says afterwards what was wanted, and every other byte is as it was.

use super::*;
use proptest::prelude::*;

/// White space and comments between two parts.
fn gap() -> impl Strategy<Value = String> {
    let pieces =
        ["", "", " ", "\n", "\r\n  ", "\t", "// c ] } ,\n", "/* '{ */", "\n\n    ", "\u{a0}", "//\r\n", "/**/ "];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..3).prop_map(|pieces| pieces.concat())
}

fn key() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "name", "model", "tools", "other", "a b", "$x", "\u{e4}", "it's", "", "\"q\"", "null", "z\n",
    ])
    .prop_map(str::to_owned)
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1.0e6..1.0e6f64).prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        prop::sample::select(vec!["'", "\"", "\\", "\n", "\u{2028}", "//", "/*", "]", "}", ","]).prop_map(Value::from),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map(key(), inner, 0..3).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// A value as somebody may write it.
fn written() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        prop::sample::select(vec![
            "1",
            "+.5",
            "0xA",
            "'x'",
            "\"y\"",
            "null",
            "true",
            "'a\\\nb'",
            "-Infinity",
            "'\\u0041'"
        ])
        .prop_map(str::to_owned),
        scalar().prop_map(|value| value.to_string()),
    ];
    scalar.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (prop::collection::vec((gap(), inner.clone(), gap()), 0..3), gap(), any::<bool>())
                .prop_map(|(parts, end, comma)| enclosed('[', parts, &end, comma, ']')),
            members(prop::collection::vec((written_key(), inner), 0..3)),
        ]
    })
}

fn written_key() -> impl Strategy<Value = String> {
    key().prop_map(|key| if crate::json5::is_identifier(&key) { key } else { Value::from(key).to_string() })
}

fn members(parts: impl Strategy<Value = Vec<(String, String)>>) -> impl Strategy<Value = String> {
    (parts, prop::collection::vec((gap(), gap(), gap(), gap()), 4), gap(), any::<bool>()).prop_map(
        |(parts, gaps, end, comma)| {
            let parts =
                parts.into_iter().zip(gaps).map(|((key, value), (a, b, c, d))| (a, format!("{key}{b}:{c}{value}"), d));
            enclosed('{', parts.collect(), &end, comma, '}')
        },
    )
}

fn enclosed(open: char, parts: Vec<(String, String, String)>, end: &str, comma: bool, close: char) -> String {
    let has_parts = !parts.is_empty();
    let parts: Vec<String> = parts.into_iter().map(|(before, part, after)| format!("{before}{part}{after}")).collect();
    let comma = if comma && has_parts { "," } else { "" };
    format!("{open}{}{comma}{end}{close}", parts.join(","))
}

/// An entry whose id is known.
fn entry(id: &'static str) -> impl Strategy<Value = String> {
    let rest = prop::collection::vec((written_key(), written()), 0..3);
    members(rest.prop_map(move |mut rest| {
        rest.push(("id".to_owned(), format!("'{id}'")));
        rest
    }))
}

/// A file with the entries a, b and c: what is before the list, the list, and what is after it.
fn file() -> impl Strategy<Value = (String, [String; 3], [String; 4], bool)> {
    let head =
        (gap(), written(), gap()).prop_map(|(a, other, b)| format!("{a}{{{b}other: {other}, agents: {{ list: ["));
    let entries = (entry("a"), entry("b"), entry("c")).prop_map(|(a, b, c)| [a, b, c]);
    let gaps = (gap(), gap(), gap(), gap()).prop_map(|(a, b, c, d)| [a, b, c, d]);
    (head, entries, gaps, any::<bool>())
}

fn assembled(head: &str, entries: &[String; 3], gaps: &[String; 4], comma: bool) -> (String, String) {
    let parts: Vec<String> = gaps.iter().zip(entries).map(|(gap, entry)| format!("{gap}{entry}")).collect();
    let comma = if comma { "," } else { "" };
    (format!("{head}{}", parts.join(",")), format!("{comma}{}] }} }}// end", gaps[3]))
}

fn change() -> impl Strategy<Value = Vec<(String, Value)>> {
    prop::collection::btree_map(key(), value(), 0..4).prop_map(|map| map.into_iter().collect())
}

fn fields(change: &[(String, Value)]) -> Vec<(&str, Value)> {
    change.iter().map(|(key, value)| (key.as_str(), value.clone())).collect()
}

fn put(text: &str, id: &str, change: &[(String, Value)]) -> Result<String, TestCaseError> {
    let root = parse(text).map_err(|fault| TestCaseError::fail(format!("{}\n{text}", fault.located(text))))?;
    put_entry(text, &root, id, &fields(change))
        .map_err(|fault| TestCaseError::fail(format!("{}\n{text}", fault.located(text))))
}

fn list_of(text: &str) -> Vec<Value> {
    parse(text).expect("parses").value()["agents"]["list"].as_array().expect("a list").clone()
}

/// The parts that are left of a text when those of the other are taken away, in order: all of them must be there.
fn holds_in_order(text: &str, other: &str) -> bool {
    let mut letters = text.chars();
    other.chars().all(|wanted| letters.any(|letter| letter == wanted))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn an_entry_that_is_added_is_all_that_is_new((head, entries, gaps, comma) in file(), change in change()) {
        let (before, after) = assembled(&head, &entries, &gaps, comma);
        let text = format!("{before}{after}");
        let edited = put(&text, "new", &change)?;
        prop_assert!(edited.starts_with(&before), "{text}\n---\n{edited}");
        prop_assert!(edited.ends_with("] } }// end") && holds_in_order(&edited, &text), "{text}\n---\n{edited}");
        let (old, new) = (list_of(&text), list_of(&edited));
        prop_assert_eq!(&new[..3], &old[..]);
        let mut expected = json!({"id": "new"});
        for (key, value) in &change {
            expected[key] = value.clone();
        }
        prop_assert!(same(&new[3], &expected), "{} {expected}", new[3]);
    }

    #[test]
    fn of_a_changed_entry_the_others_and_all_comments_stay((head, entries, gaps, comma) in file(), change in change()) {
        let (before, after) = assembled(&head, &entries, &gaps, comma);
        let text = format!("{before}{after}");
        let edited = put(&text, "b", &change)?;
        let (a, b, c) = (&entries[0], &entries[1], &entries[2]);
        let start = format!("{head}{}{a},{}", gaps[0], gaps[1]);
        let end = format!(",{}{c}{after}", gaps[2]);
        prop_assert!(edited.starts_with(&start) && edited.ends_with(&end), "{text}\n---\n{edited}");
        let (old, new) = (list_of(&text), list_of(&edited));
        let mut expected = old[1].clone();
        for (key, value) in &change {
            merge(&mut expected[key], value);
        }
        prop_assert!(same(&new[1], &expected), "{} {expected}", new[1]);
        if same(&old[1], &expected) {
            prop_assert_eq!(&edited, &text);
        }
        prop_assert_eq!(put(&edited, "b", &change)?, edited, "{}", b);
    }
}
