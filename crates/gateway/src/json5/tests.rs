use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

fn read(text: &str) -> Value {
    parse(text).unwrap_or_else(|fault| panic!("{text:?}: {}", fault.located(text))).value()
}

fn fault(text: &str) -> String {
    parse(text).map(|node| node.value()).expect_err(text).located(text)
}

#[test]
fn every_form_of_json5_is_read() {
    let text = "\u{feff}// a comment\n{\n  unquoted: 'and you can quote me',\n  'single': \"double 'in' it\", $_: +1, \u{e4}\\u0062c\u{200d}: -.5,\n\
                lineBreaks: 'no \\\n breaks\\\r\nhere', hex: 0xDECAF, /* more */ trailing: 5., big: 1e3, \n\u{a0}\u{2028}null: null,\n\
                inf: [Infinity, -Infinity, NaN,], yes: true, \"no\": false,}\n// the end";
    let expected = json!({"unquoted": "and you can quote me", "single": "double 'in' it", "$_": 1, "\u{e4}bc\u{200d}": -0.5,
        "lineBreaks": "no  breakshere", "hex": 912_559, "trailing": 5.0, "big": 1000.0, "null": null,
        "inf": [null, null, null], "yes": true, "no": false});
    assert_eq!(read(text), expected);
}

#[test]
fn escapes_are_read_as_json5_says() {
    assert_eq!(
        read(r#"'\b\f\n\r\t\v\0\x41\u00e4\uD83D\uDE00\'\"\\\a'"#),
        "\u{8}\u{c}\n\r\t\u{b}\0A\u{e4}\u{1f600}'\"\\a"
    );
    assert_eq!(read("'a\\\u{2028}b\u{2029}'"), "ab\u{2029}");
}

#[test]
fn numbers_keep_their_value() {
    assert_eq!(read("[18446744073709551615, -9223372036854775808, -0xff]"), json!([u64::MAX, i64::MIN, -255]));
    assert_eq!(read("[1e400, 0.1, 0xffffffffffffffffff]"), json!([null, 0.1, 4_722_366_482_869_645_213_695.0_f64]));
}

#[test]
fn of_two_members_with_one_key_the_last_counts() {
    assert_eq!(read("{a: 1, 'a': 2}"), json!({"a": 2}));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    for (text, expected) in [
        ("", "line 1, column 1: expected a value, found the end of the text"),
        ("{\n  a: 1\n  b: 2\n}", "line 3, column 3: expected `,` or `}`, found `b`"),
        ("{\r\n  a: 1,\r\n  b 2\r\n}", "line 3, column 5: expected `:`, found `2`"),
        ("{a: [1,, 2]}", "line 1, column 8: expected a value, found `,`"),
        ("\u{feff}{a: [1 2]}", "line 1, column 8: expected `,` or `]`, found `2`"),
        ("{\ra: 'x\n'}", "line 2, column 6: expected ' before the end of the line"),
        ("'x", "line 1, column 3: expected ' before the end of the text"),
        ("{a: {b: 1,\n", "line 2, column 1: the text ends within the object that begins at line 1, column 5"),
        ("[[1", "line 1, column 4: the text ends within the list that begins at line 1, column 2"),
        ("{a: 1} x", "line 1, column 8: expected the end of the text, found `x`"),
        ("{\u{e4}\u{f6}: tru}", "line 1, column 6: expected a value, found `t`"),
        ("/* {}", "line 1, column 1: the comment that begins here is not closed with `*/`"),
        ("{/ a: 1}", "line 1, column 2: expected a comment after `/`: `//` or `/*`"),
        ("[01]", "line 1, column 2: a number must not begin with a zero"),
        ("[0x]", "line 1, column 4: expected a hexadecimal digit after `0x`"),
        ("[1e]", "line 1, column 4: expected a digit in the exponent"),
        ("[.]", "line 1, column 2: expected a digit before or after `.`"),
        ("[-]", "line 1, column 3: expected a digit"),
        ("[1a]", "line 1, column 3: expected the end of the number, found `a`"),
        ("{a-b: 1}", "line 1, column 3: expected `:`, found `-`"),
        ("{1: 1}", "line 1, column 2: expected a key or `}`, found `1`"),
        ("'\\x4'", "line 1, column 2: expected 2 hexadecimal digits in the escape"),
        ("'\\uD800x'", "line 1, column 2: is half of a character; write both halves, or the character itself"),
        ("'\\1'", "line 1, column 2: a digit must not be escaped"),
        ("{\u{0}}", "line 1, column 2: expected a key or `}`, found U+0000"),
    ] {
        assert_eq!(fault(text), expected, "{text:?}");
    }
}

#[test]
fn a_text_that_is_nested_too_deeply_is_refused() {
    assert!(parse(&("[".repeat(64) + &"]".repeat(64))).is_ok());
    assert!(fault(&"[".repeat(1_000_000)).contains("line 1, column 65: is nested more than 64 levels deep"));
}

/// Texts that are nearly JSON5: made of its pieces.
fn nearly() -> impl Strategy<Value = String> {
    let pieces = [
        "{", "}", "[", "]", ":", ",", "\"", "'", "a", "\\u0061", "$x", "null", "true", "1", "0", "-", "+", ".", "e",
        "0x", "Infinity", "NaN", " ", "\n", "\r\n", "//", "/*", "*/", "\\", "\u{2028}", "\u{feff}", "\u{e4}", "\\x41",
        "'b'", "\"c\"", "{d: 1}", "[2, 3]",
    ];
    proptest::collection::vec(prop::sample::select(pieces.to_vec()), 0..12).prop_map(|pieces| pieces.concat())
}

/// A value as the library reads it; numbers that are whole count as such.
fn library(text: &str) -> Option<Value> {
    ::json5::from_str(text).ok()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, ..ProptestConfig::default() })]

    #[test]
    fn nothing_makes_it_panic(text in "\\PC*") {
        let _ = parse(&text);
    }

    /// The library says the same of every text.
    #[test]
    fn it_reads_what_a_library_reads(text in nearly()) {
        let ours = parse(&text).ok().map(|node| node.value());
        match (ours, library(&text)) {
            (Some(ours), Some(theirs)) => prop_assert!(crate::edit::same(&ours, &theirs), "{text:?}: {ours} {theirs}"),
            (None, None) => {}
            (ours, theirs) => prop_assert!(false, "{text:?}: {ours:?} {theirs:?}"),
        }
    }

    #[test]
    fn a_place_is_within_the_text(text in nearly()) {
        if let Err(fault) = parse(&text) {
            prop_assert!(fault.offset <= text.len() && text.is_char_boundary(fault.offset));
        }
    }
}
