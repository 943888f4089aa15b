//! The server's half of SCRAM-SHA-256, as RFC 5802 has it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

const SALT: &[u8] = b"some salt";
const ROUNDS: u32 = 64;

/// A log-in that has begun.
pub struct Begun {
    pub account: String,
    first: String,
    said: String,
}

fn mac(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(bytes);
    mac.finalize().into_bytes().to_vec()
}

fn xor(one: &[u8], other: &[u8]) -> Vec<u8> {
    one.iter().zip(other).map(|(a, b)| a ^ b).collect()
}

impl Begun {
    /// Takes the first message, and what is answered to it.
    pub fn new(first: &str) -> Option<(Begun, String)> {
        let first = first.strip_prefix("n,,")?;
        let (account, nonce) = first.strip_prefix("n=")?.split_once(",r=")?;
        let salt = STANDARD.encode(SALT);
        let said = format!("r={nonce}server,s={salt},i={ROUNDS}");
        let begun = Begun {
            account: account.into(),
            first: first.into(),
            said: said.clone(),
        };
        Some((begun, said))
    }

    /// Takes the proof: how the server proves itself, when it is right.
    pub fn end(&self, last: &str, password: &str) -> Option<String> {
        let (last, proof) = last.split_once(",p=")?;
        let mut round = mac(password.as_bytes(), &[SALT, &[0, 0, 0, 1]].concat());
        let mut salted = round.clone();
        for _ in 1..ROUNDS {
            round = mac(password.as_bytes(), &round);
            salted = xor(&salted, &round);
        }
        let all = format!("{},{},{last}", self.first, self.said);
        let stored = Sha256::digest(mac(&salted, b"Client Key"));
        let key = xor(&STANDARD.decode(proof).ok()?, &mac(&stored, all.as_bytes()));
        let good = Sha256::digest(&key) == stored;
        let server = mac(&mac(&salted, b"Server Key"), all.as_bytes());
        good.then(|| format!("v={}", STANDARD.encode(server)))
    }
}
