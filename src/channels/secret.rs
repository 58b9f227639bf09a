//! Is it really the vendor who calls? Secrets that cannot be logged, and the comparisons and
//! signatures that several messengers share. Which header holds what is each messenger's own.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use subtle::ConstantTimeEq;

use super::Refusal;

/// A text that never reaches a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl Secret {
    /// The text itself, for requests to the vendor it belongs to.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether `given` is the same, in a time that does not tell how much of it is.
    pub(super) fn is(&self, given: &str) -> bool {
        self.0.as_bytes().ct_eq(given.as_bytes()).into()
    }

    /// Whether `tag` is the HMAC-SHA256 of the pieces under this key, compared in constant time.
    pub(super) fn signed(&self, pieces: &[&[u8]], tag: &[u8]) -> bool {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.as_bytes());
        let mut context = hmac::Context::with_key(&key);
        pieces.iter().for_each(|piece| context.update(piece));
        // A comparison of two tags in plain bytes would stop at the first that differs.
        bool::from(context.sign().as_ref().ct_eq(tag))
    }
}

/// Whether a request that was signed at `signed` may be taken at `now`, both in seconds.
pub(super) fn fresh(signed: Option<i64>, now: i64, seconds: i64) -> Result<(), Refusal> {
    let age = signed.map(|signed| now.saturating_sub(signed)).ok_or(Refusal::Forged)?;
    if age.abs() <= seconds { Ok(()) } else { Err(Refusal::Stale) }
}

/// A number of seconds in a header.
pub(super) fn seconds(header: Option<&str>) -> Option<i64> {
    header?.parse().ok()
}

/// Bytes of hexadecimal digits of either case.
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let pairs = text.as_bytes().chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    pairs.map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

/// Bytes of base64 in its usual alphabet.
pub(super) fn unbase64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test case 2 of RFC 4231.
    #[test]
    fn a_signature_of_the_standard_is_right_and_no_other() {
        let key = Secret::from("Jefe".to_owned());
        let tag = unhex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843").unwrap();
        assert!(key.signed(&[b"what do ya want ", b"for nothing?"], &tag));
        assert!(!key.signed(&[b"what do ya want ", b"for nothing!"], &tag));
        assert!(!key.signed(&[b"what do ya want ", b"for nothing?"], &tag[..31]));
        assert!(!key.signed(&[b""], &[]));
    }

    #[test]
    fn hexadecimal_of_odd_length_or_other_letters_is_none() {
        assert_eq!(unhex("00fFa1"), Some(vec![0, 255, 161]));
        assert_eq!((unhex("0"), unhex("0g"), unhex("é0")), (None, None, None));
        assert_eq!(unhex("+1"), None);
    }

    #[test]
    fn a_request_is_fresh_for_as_long_as_is_said_in_both_directions() {
        assert_eq!(fresh(Some(1000), 1300, 300), Ok(()));
        assert_eq!(fresh(Some(1000), 1301, 300), Err(Refusal::Stale));
        assert_eq!(fresh(Some(1301), 1000, 300), Err(Refusal::Stale));
        assert_eq!(fresh(Some(i64::MIN), i64::MAX, 300), Err(Refusal::Stale));
        assert_eq!(fresh(None, 1000, 300), Err(Refusal::Forged));
    }

    #[test]
    fn a_secret_is_never_shown() {
        let secret = Secret::from("hunter2".to_owned());
        assert!(!format!("{secret:?} {:?}", Some(&secret)).contains("hunter2"));
        assert!(secret.is("hunter2") && !secret.is("hunter") && !secret.is(""));
    }
}
