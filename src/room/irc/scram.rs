//! Logging in without showing the password: SCRAM with SHA-256 or SHA-512 (RFC 5802, RFC 7677), in which the server
//! proves itself, too.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256, Sha512};
use unicode_normalization::UnicodeNormalization;

/// The most rounds that are counted for a server: about a second.
const ROUNDS: u32 = 1_000_000;

/// What is counted with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha256,
    Sha512,
}

impl Hash {
    /// The best first.
    pub const ALL: [Hash; 2] = [Hash::Sha512, Hash::Sha256];

    /// What SASL calls it.
    pub fn name(self) -> &'static str {
        match self {
            Hash::Sha256 => "SCRAM-SHA-256",
            Hash::Sha512 => "SCRAM-SHA-512",
        }
    }

    fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Hash::Sha256 => Sha256::digest(bytes).to_vec(),
            Hash::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }

    fn mac(self, key: &[u8], bytes: &[u8]) -> Vec<u8> {
        self.rounds(key, bytes, 1)
    }

    /// The first block of PBKDF2, when `bytes` is the salt with its number; one round is a plain HMAC.
    fn rounds(self, key: &[u8], bytes: &[u8], rounds: u32) -> Vec<u8> {
        match self {
            Hash::Sha256 => {
                let mac = Hmac::<Sha256>::new_from_slice(key).expect("any length is taken");
                folded(rounds, bytes, |bytes| {
                    let mut mac = mac.clone();
                    mac.update(bytes);
                    mac.finalize().into_bytes().to_vec()
                })
            }
            Hash::Sha512 => {
                let mac = Hmac::<Sha512>::new_from_slice(key).expect("any length is taken");
                folded(rounds, bytes, |bytes| {
                    let mut mac = mac.clone();
                    mac.update(bytes);
                    mac.finalize().into_bytes().to_vec()
                })
            }
        }
    }
}

/// Each round over what the one before gave, all of them laid over each other.
fn folded(rounds: u32, bytes: &[u8], mac: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let mut round = mac(bytes);
    let mut all = round.clone();
    for _ in 1..rounds {
        round = mac(&round);
        all.iter_mut()
            .zip(&round)
            .for_each(|(all, one)| *all ^= one);
    }
    all
}

/// How far logging in is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Begun,
    /// What the server has to answer.
    Proven(Vec<u8>),
    Done,
}

/// One log-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scram {
    pub hash: Hash,
    /// The first message without what stands before it.
    first: String,
    nonce: String,
    step: Step,
}

impl Scram {
    /// `nonce` must be new each time, and hard to guess.
    pub fn new(hash: Hash, account: &str, nonce: &str) -> Scram {
        let account = account.replace('=', "=3D").replace(',', "=2C");
        Scram {
            hash,
            first: format!("n={account},r={nonce}"),
            nonce: nonce.into(),
            step: Step::Begun,
        }
    }

    pub fn first(&self) -> String {
        format!("n,,{}", self.first)
    }

    /// The server has proven that it knows the password.
    pub fn is_done(&self) -> bool {
        self.step == Step::Done
    }

    /// The answer to what the server says; none when that is not what it should be.
    pub fn answer(&mut self, said: &str, password: &SecretString) -> Option<String> {
        match &self.step {
            Step::Begun => self.prove(said, password),
            Step::Proven(expected) => {
                let proof = STANDARD.decode(said.strip_prefix("v=")?).ok()?;
                if !same(&proof, expected) {
                    return None;
                }
                self.step = Step::Done;
                Some(String::new())
            }
            Step::Done => None,
        }
    }

    fn prove(&mut self, said: &str, password: &SecretString) -> Option<String> {
        let hash = self.hash;
        let mut parts = said.split(',');
        let nonce = parts.next()?.strip_prefix("r=")?;
        let salt = STANDARD.decode(parts.next()?.strip_prefix("s=")?).ok()?;
        let rounds: u32 = parts.next()?.strip_prefix("i=")?.parse().ok()?;
        let fits = nonce.len() > self.nonce.len() && nonce.starts_with(&self.nonce);
        if !fits || rounds == 0 || rounds > ROUNDS {
            return None;
        }
        let password: String = password.expose_secret().nfkc().collect();
        let salted = hash.rounds(
            password.as_bytes(),
            &[&salt[..], &[0, 0, 0, 1]].concat(),
            rounds,
        );
        let last = format!("c=biws,r={nonce}");
        let all = format!("{},{said},{last}", self.first);
        let key = hash.mac(&salted, b"Client Key");
        let signature = hash.mac(&hash.digest(&key), all.as_bytes());
        let proof: Vec<u8> = key.iter().zip(&signature).map(|(a, b)| a ^ b).collect();
        let server = hash.mac(&salted, b"Server Key");
        self.step = Step::Proven(hash.mac(&server, all.as_bytes()));
        Some(format!("{last},p={}", STANDARD.encode(proof)))
    }
}

/// A word that is new each time: nobody guesses it who does not know the seed.
pub(super) fn nonce(seed: &[u8], count: u64) -> String {
    STANDARD.encode(&Hash::Sha256.mac(seed, &count.to_be_bytes())[..18])
}

/// Takes as long whatever is different.
fn same(one: &[u8], other: &[u8]) -> bool {
    let differences = one.iter().zip(other).fold(0, |all, (a, b)| all | (a ^ b));
    one.len() == other.len() && differences == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7677.
    #[test]
    fn the_example_of_the_standard_comes_true() {
        let mut scram = Scram::new(Hash::Sha256, "user", "rOprNGfwEbeRWgbNEkqO");
        assert_eq!(scram.first(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        let password = SecretString::from("pencil");
        let said = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        assert_eq!(
            scram.answer(said, &password).as_deref(),
            Some(
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
            )
        );
        let mut fooled = scram.clone();
        let wrong = "v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
        assert_eq!(fooled.answer(wrong, &password), None);
        assert!(!fooled.is_done());
        let right = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
        assert_eq!(scram.answer(right, &password).as_deref(), Some(""));
        assert!(scram.is_done());
    }

    #[test]
    fn a_server_that_makes_it_up_gets_nothing() {
        let password = SecretString::from("pencil");
        for said in [
            "",
            "r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            "r=mine,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            "r=mine+,s=?,i=4096",
            "r=mine+,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=0",
            "r=mine+,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4000000000",
            "m=x,r=mine+,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
        ] {
            let mut scram = Scram::new(Hash::Sha512, "a=b,c", "mine");
            assert_eq!(scram.first(), "n,,n=a=3Db=2Cc,r=mine");
            assert_eq!(scram.answer(said, &password), None, "{said}");
        }
        assert_ne!(nonce(b"seed", 1), nonce(b"seed", 2));
    }
}
