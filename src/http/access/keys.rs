//! Keys as the settings know them: by their SHA-256 alone. That is enough for keys which this
//! program makes, because nobody can try 256 random bits; it is no way to keep passwords.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// What every key begins with, so that it is known as one where it turns up.
const KEY_PREFIX: &str = "dialogdesk_";
const HASH_PREFIX: &str = "sha256:";

/// The SHA-256 of a key.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyHash([u8; 32]);

impl KeyHash {
    #[must_use]
    pub fn of(key: &str) -> Self {
        Self(Sha256::digest(key).into())
    }

    /// Reads `sha256:` and 64 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.trim().strip_prefix(HASH_PREFIX)?;
        if digits.len() != 64 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&digits[at..at + 2], 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// Compares in a time that does not depend on where they differ.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HASH_PREFIX)?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHash(…)")
    }
}

/// A key that nobody can guess: more than 240 bits from the system's source of randomness.
#[must_use]
pub fn new_key() -> String {
    format!("{KEY_PREFIX}{}", random_token())
}

/// Two random UUIDs, which have 122 random bits each, as text for a header.
pub(super) fn random_token() -> String {
    let bytes = [uuid::Uuid::new_v4().into_bytes(), uuid::Uuid::new_v4().into_bytes()].concat();
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_reads_back_and_names_only_its_key() {
        let key = new_key();
        let hash = KeyHash::of(&key);
        assert_eq!(KeyHash::parse(&hash.to_string()), Some(hash.clone()));
        assert_eq!(KeyHash::parse(&hash.to_string().to_uppercase()), None);
        assert!(hash.is(&KeyHash::of(&key)) && !hash.is(&KeyHash::of(&new_key())));
        assert!(key.len() > 50 && key.starts_with("dialogdesk_") && !format!("{hash:?}").contains("sha256"));
        for wrong in ["", "sha256:", "sha256:12", &key, &format!("sha256:{}", "g".repeat(64)), &"é".repeat(40)] {
            assert_eq!(KeyHash::parse(wrong), None, "{wrong}");
        }
    }
}
