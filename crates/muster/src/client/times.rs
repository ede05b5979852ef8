//! Times for people: how long ago, or the moment in their own time zone.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use muster_base::{Clock, Millis, SystemClock};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

pub(super) fn now() -> Millis {
    SystemClock.now()
}

/// `3 min ago`; after a month the day itself.
pub(super) fn ago(at: Millis, now: Millis) -> String {
    let seconds = (now.0 - at.0).div_euclid(1000);
    if seconds < 0 {
        return if seconds > -5 { "just now".to_owned() } else { format!("in {}", span(-seconds)) };
    }
    match seconds {
        0..5 => "just now".to_owned(),
        _ if seconds >= 30 * DAY => shown(at, "%Y-%m-%d"),
        _ => format!("{} ago", span(seconds)),
    }
}

fn span(seconds: i64) -> String {
    match seconds {
        ..MINUTE => format!("{seconds} s"),
        MINUTE..HOUR => format!("{} min", seconds / MINUTE),
        HOUR..DAY => format!("{} h", seconds / HOUR),
        _ if seconds < 2 * DAY => "1 day".to_owned(),
        _ => format!("{} days", seconds / DAY),
    }
}

/// `2026-11-22 03:55:01` where the person is.
pub(super) fn moment(at: Millis) -> String {
    shown(at, "%Y-%m-%d %H:%M:%S")
}

/// `11-22 03:55:01` where the person is, for lines that are short of room.
pub(super) fn day_and_time(at: Millis) -> String {
    shown(at, "%m-%d %H:%M:%S")
}

fn shown(at: Millis, format: &str) -> String {
    match Timestamp::from_millisecond(at.0) {
        Ok(time) => time.to_zoned(TimeZone::system()).strftime(format).to_string(),
        Err(_) => at.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_from_now() {
        let now = Millis(1_764_000_000_000);
        let before = |seconds: i64| ago(Millis(now.0 - seconds * 1000), now);
        let cases = [
            (0, "just now"),
            (4, "just now"),
            (5, "5 s ago"),
            (59, "59 s ago"),
            (60, "1 min ago"),
            (3 * MINUTE + 59, "3 min ago"),
            (HOUR, "1 h ago"),
            (DAY - 1, "23 h ago"),
            (DAY, "1 day ago"),
            (2 * DAY, "2 days ago"),
            (30 * DAY - 1, "29 days ago"),
            (-2, "just now"),
            (-90, "in 1 min"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(before(seconds), expected, "{seconds} s");
        }
        assert!(before(40 * DAY).starts_with("2025-10-1"), "{}", before(40 * DAY));
    }
}
