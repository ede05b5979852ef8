//! Dates and times as databases count them, in ISO 8601. Databases know years that time libraries do not.

/// `YYYY-MM-DD` of a day counted from 1970-01-01, after the proleptic Gregorian calendar.
pub(crate) fn date(days: i64) -> String {
    let (year, month, day) = civil(days);
    year_text(year) + &format!("-{month:02}-{day:02}")
}

/// `HH:MM:SS` with as many digits of the second as there are, of microseconds since midnight.
pub(crate) fn time(micros: i64) -> String {
    let seconds = micros / 1_000_000;
    let text = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    text + &fraction(micros.rem_euclid(1_000_000))
}

/// `YYYY-MM-DDTHH:MM:SS` of microseconds since 1970-01-01.
pub(crate) fn moment(micros: i64) -> String {
    const DAY: i64 = 86_400_000_000;
    format!("{}T{}", date(micros.div_euclid(DAY)), time(micros.rem_euclid(DAY)))
}

/// The digits after the second, none where it is whole.
pub(crate) fn fraction(micros: i64) -> String {
    if micros == 0 {
        return String::new();
    }
    format!(".{micros:06}").trim_end_matches('0').to_owned()
}

fn year_text(year: i64) -> String {
    match year {
        0..=9999 => format!("{year:04}"),
        year if year < 0 => format!("-{:04}", -year),
        year => format!("+{year}"),
    }
}

/// Year, month and day of a day counted from 1970-01-01 (Howard Hinnant, chrono-compatible low-level date algorithms).
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_moments_are_written_as_in_iso_8601() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(-1), "1969-12-31");
        assert_eq!(date(19_782), "2024-02-29");
        assert_eq!(date(10_957), "2000-01-01");
        assert_eq!(date(-719_528), "0000-01-01");
        assert_eq!(date(-719_529), "-0001-12-31");
        assert_eq!(date(2_932_897), "+10000-01-01");
        assert_eq!(moment(-1), "1969-12-31T23:59:59.999999");
        assert_eq!(moment(1_709_164_800_500_000), "2024-02-29T00:00:00.5");
        assert_eq!(time(3_661_000_000), "01:01:01");
    }
}
