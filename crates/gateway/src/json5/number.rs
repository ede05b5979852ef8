//! Numbers: decimal, hexadecimal, and the three that JSON lacks.

use super::fault::Fault;
use super::tree::Kind;
use serde_json::Number;

/// The number that begins at `start`, and where it ends.
pub(super) fn number(text: &str, start: usize) -> Result<(Kind, usize), Fault> {
    let signed = text[start..].starts_with(['+', '-']);
    let negative = text[start..].starts_with('-');
    let digits = start + usize::from(signed);
    let rest = &text[digits..];
    for (word, value) in [("Infinity", f64::INFINITY), ("NaN", f64::NAN)] {
        if rest.starts_with(word) {
            let value = if negative { -value } else { value };
            return Ok((Kind::Number(value), digits + word.len()));
        }
    }
    if rest.starts_with("0x") || rest.starts_with("0X") {
        return hexadecimal(text, digits + 2, negative);
    }
    decimal(text, start, digits)
}

fn hexadecimal(text: &str, start: usize, negative: bool) -> Result<(Kind, usize), Fault> {
    let end = start + run(&text[start..], |byte| byte.is_ascii_hexdigit());
    if end == start {
        return Err(Fault::new(start, "expected a hexadecimal digit after `0x`"));
    }
    let kind = match u64::from_str_radix(&text[start..end], 16) {
        Ok(value) if !negative => Kind::Whole(value.into()),
        Ok(value) => match 0i64.checked_sub_unsigned(value) {
            Some(value) => Kind::Whole(value.into()),
            None => Kind::Number(-(value as f64)),
        },
        // Too large to be exact: the nearest number, digit by digit.
        Err(_) => {
            let digits = text[start..end].chars().filter_map(|digit| digit.to_digit(16));
            let value = digits.fold(0.0, |sum: f64, digit| sum.mul_add(16.0, f64::from(digit)));
            Kind::Number(if negative { -value } else { value })
        }
    };
    Ok((kind, end))
}

fn decimal(text: &str, start: usize, digits: usize) -> Result<(Kind, usize), Fault> {
    let is_digit = |byte: u8| byte.is_ascii_digit();
    let whole = digits + run(&text[digits..], is_digit);
    if whole - digits > 1 && text[digits..].starts_with('0') {
        return Err(Fault::new(digits, "a number must not begin with a zero"));
    }
    let mut end = whole;
    if text[end..].starts_with('.') {
        end += 1 + run(&text[end + 1..], is_digit);
        if end == whole + 1 && whole == digits {
            return Err(Fault::new(start, "expected a digit before or after `.`"));
        }
    } else if whole == digits {
        return Err(Fault::new(digits, "expected a digit"));
    }
    let mantissa = end;
    if text[end..].starts_with(['e', 'E']) {
        end += 1 + usize::from(text[end + 1..].starts_with(['+', '-']));
        let exponent = run(&text[end..], is_digit);
        if exponent == 0 {
            return Err(Fault::new(end, "expected a digit in the exponent"));
        }
        end += exponent;
    }
    let written = text[start..end].trim_start_matches('+');
    let exact = if mantissa == whole && end == mantissa { exact(written) } else { None };
    let value = written.parse().map_err(|_| Fault::new(start, "expected a number"))?;
    Ok((exact.map_or(Kind::Number(value), Kind::Whole), end))
}

/// The whole number, as far as it fits into 64 bits. The negative zero does not.
fn exact(written: &str) -> Option<Number> {
    if let Ok(value) = written.parse::<u64>() {
        return Some(value.into());
    }
    written.parse::<i64>().ok().filter(|value| *value != 0).map(Number::from)
}

/// How many bytes fit from the beginning.
fn run(text: &str, fits: impl Fn(u8) -> bool) -> usize {
    text.bytes().take_while(|byte| fits(*byte)).count()
}
