//! A tree whose keys and values have types.

use std::borrow::Cow;
use std::cell::RefCell;
use std::marker::PhantomData;

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Error;
use super::engine::{Bytes, Tree};
use super::key::Key;

/// How a value is written; the first byte of every value.
pub(super) const JSON: u8 = 1;
/// JSON, compressed.
const PACKED: u8 = 2;

/// How hard a value is compressed, from 1 to 10: quickly, since the loop waits for it.
const LEVEL: u8 = 2;
/// The most bytes that a compressed value becomes.
const LARGEST: usize = 64 << 20;

/// Something a row can hold: any of our types with a serde form that JSON can write.
pub trait Value: Serialize + DeserializeOwned {}

impl<T: Serialize + DeserializeOwned> Value for T {}

/// A tree whose keys are `K` and whose values are `V`.
pub struct Table<K, V> {
    pub(super) tree: Tree,
    packed: bool,
    rows: PhantomData<fn(K) -> V>,
}

impl<K: Key, V: Value> Table<K, V> {
    pub const fn new(tree: Tree) -> Table<K, V> {
        Table {
            tree,
            packed: false,
            rows: PhantomData,
        }
    }

    /// One whose values are compressed. Its tree is in no backup: those are for people to read.
    pub const fn packed(tree: Tree) -> Table<K, V> {
        assert!(!tree.is_backed_up());
        Table {
            tree,
            packed: true,
            rows: PhantomData,
        }
    }

    pub(super) fn key(&self, bytes: &[u8]) -> Result<K, Error> {
        let mut rest = bytes;
        match K::decode(&mut rest) {
            Some(key) if rest.is_empty() => Ok(key),
            Some(_) | None => Err(Error::Unreadable {
                tree: self.tree.name(),
                why: "its key has another form".into(),
            }),
        }
    }

    pub(super) fn value(&self, bytes: &[u8]) -> Result<V, Error> {
        read(self.tree, bytes)
    }

    /// The bytes of one of its values.
    pub(super) fn bytes(&self, value: &V) -> Bytes {
        let json = value_bytes(value);
        if !self.packed {
            return json;
        }
        let mut bytes = vec![PACKED];
        bytes.extend(compress_to_vec(&json[1..], LEVEL));
        bytes.into()
    }
}

/// The bytes of a key.
pub(super) fn key_bytes(key: &impl Key) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(64);
    key.encode(&mut bytes);
    bytes
}

thread_local! {
    /// Where values are written before it is known how long they are.
    static DESK: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The most bytes of the desk that are kept from one value to the next.
const LARGEST_DESK: usize = 64 << 10;

/// The bytes of a value.
pub(super) fn value_bytes(value: &impl Serialize) -> Bytes {
    // Taken off meanwhile, whatever a serialiser does.
    let mut bytes = DESK.take();
    bytes.clear();
    bytes.push(JSON);
    serde_json::to_writer(&mut bytes, value)
        .expect("our rows have text keys and no fallible serialisers, and a Vec takes every byte");
    let value = Bytes::from(bytes.as_slice());
    bytes.shrink_to(LARGEST_DESK);
    DESK.set(bytes);
    value
}

/// Reads a value back.
pub(super) fn read<V: DeserializeOwned>(tree: Tree, bytes: &[u8]) -> Result<V, Error> {
    let json: Result<Cow<'_, [u8]>, String> = match bytes.split_first() {
        Some((&JSON, json)) => Ok(json.into()),
        Some((&PACKED, packed)) => decompress_to_vec_with_limit(packed, LARGEST)
            .map(Cow::from)
            .map_err(|error| error.to_string()),
        Some((format, _)) => Err(format!("format {format} is not known")),
        None => Err("it is empty".into()),
    };
    json.and_then(|json| serde_json::from_slice(&json).map_err(|error| error.to_string()))
        .map_err(|why| Error::Unreadable {
            tree: tree.name(),
            why,
        })
}
