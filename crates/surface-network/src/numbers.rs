//! Numbers in JSON, as far as 64 bits hold them.
//!
//! A number is read as an integer or a float of 64 bits. One that neither holds would come back as another number.

/// The most digits that count of a number that a float holds: no float has more.
const MOST_DIGITS: usize = 767;

/// The first number in a JSON text that 64 bits do not hold; `None` when they hold all.
pub(crate) fn beyond_64_bits(json: &str) -> Option<&str> {
    let bytes = json.as_bytes();
    let (mut at, mut is_text) = (0, false);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if is_text => at += 1,
            b'"' => is_text = !is_text,
            b'-' | b'0'..=b'9' if !is_text => {
                let end =
                    bytes[at..].iter().position(|byte| !is_of_number(*byte)).map_or(bytes.len(), |many| at + many);
                if !is_held(&json[at..end]) {
                    return Some(&json[at..end]);
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

fn is_of_number(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E')
}

fn is_held(number: &str) -> bool {
    if number.parse::<i64>().is_ok() || number.parse::<u64>().is_ok() {
        return true;
    }
    let (digits, _) = scientific(number);
    match number.parse::<f64>() {
        Ok(float) if digits.is_empty() => float == 0.0,
        // A float that is written with as many digits must be the same number.
        Ok(float) if float.is_finite() && digits.len() <= MOST_DIGITS => {
            scientific(number) == scientific(&format!("{float:.*e}", digits.len() - 1))
        }
        _ => false,
    }
}

/// The digits of a number without the zeros around them, and the power of ten of the first one.
fn scientific(number: &str) -> (String, i64) {
    let number = number.trim_start_matches('-');
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{part}");
    let digits = all.trim_start_matches('0');
    // An exponent that cannot be read is far beyond what a float has.
    let exponent = exponent.parse::<i64>().unwrap_or(i64::MAX / 2);
    let first = exponent.saturating_add(whole.len() as i64 - 1 - (all.len() - digits.len()) as i64);
    (digits.trim_end_matches('0').to_owned(), first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_64_bits_hold_is_known_however_it_is_written() {
        for held in [
            "0",
            "-0",
            "0.0",
            "0e999",
            "1",
            "-9223372036854775808",
            "18446744073709551615",
            "0.1",
            "1e22",
            "1E+22",
            "2.50",
            "10000000000000000000000",
            "0.10000000000000001",
            "1.7976931348623157e308",
            "5e-324",
            "-1.5e-7",
            "0.1000000000000000055511151231257827021181583404541015625",
        ] {
            assert_eq!(beyond_64_bits(held), None, "{held}");
        }
        for beyond in [
            "12345678901234567890123",
            "18446744073709551616.5",
            "9007199254740993.0",
            "1e999",
            "-1e400",
            "1e-400",
            "3.141592653589793238",
            "1.23456789e-320",
        ] {
            assert_eq!(beyond_64_bits(beyond), Some(beyond));
        }
    }

    #[test]
    fn numbers_are_found_wherever_they_are_and_texts_are_none() {
        let json = r#"{"12345678901234567890123": ["\"12345678901234567890123", 1, {"a": 12345678901234567890123}]}"#;
        assert_eq!(beyond_64_bits(json), Some("12345678901234567890123"));
        assert_eq!(beyond_64_bits(r#"["12345678901234567890123\\", 1.25]"#), None);
    }
}
