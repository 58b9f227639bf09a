//! From when on a report counts: a number of days, or a day.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Days of a report that is asked for nothing else.
pub const DEFAULT_DAYS: u32 = 30;

/// Reads what was typed: `7` is the last seven times 24 hours, `2026-11-01` the beginning of that
/// day in UTC.
///
/// # Errors
/// A sentence that says what is expected.
pub fn parse(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    let expected = || "must be a number of days from 1, or a day such as 2026-11-01 (UTC)".to_owned();
    if let Ok(days) = text.parse::<u32>() {
        let ago = SignedDuration::from_hours(24 * i64::from(days));
        return if days == 0 { Err(expected()) } else { Ok(now.checked_sub(ago).unwrap_or(Timestamp::MIN)) };
    }
    let day: Date = text.parse().map_err(|_| expected())?;
    TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).map_err(|_| expected())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_back_and_a_day_begins_at_midnight_utc() {
        let now: Timestamp = "2026-11-24T14:00:00Z".parse().unwrap();
        let read = |text| parse(text, now).map(|t| t.to_string());
        assert_eq!(read("7").as_deref(), Ok("2026-11-17T14:00:00Z"));
        assert_eq!(read("2026-11-01").as_deref(), Ok("2026-11-01T00:00:00Z"));
        assert_eq!(read("4000000000"), Ok(Timestamp::MIN.to_string()));
        for wrong in ["", "0", "-1", "1.5", "yesterday", "2026-13-01", "99999999999"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
