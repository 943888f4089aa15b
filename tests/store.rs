//! The store's promises, one file each.

#[path = "store/backup.rs"]
mod backup;
#[path = "store/damage.rs"]
mod damage;
#[path = "store/disk.rs"]
mod disk;
#[path = "store/engines.rs"]
mod engines;
#[path = "store/items.rs"]
mod items;
#[path = "store/keys.rs"]
mod keys;
#[path = "store/kill.rs"]
mod kill;
#[path = "store/overlay.rs"]
mod overlay;
#[path = "store/agenda.rs"]
mod schedule;

use std::path::Path;

use boson::store::tables::META;
use boson::store::{OpenError, Options, Store};
use serde_json::Value;

/// Opens a store that must open.
async fn open(dir: &Path) -> Store {
    try_open(dir).await.unwrap()
}

async fn try_open(dir: &Path) -> Result<Store, OpenError> {
    Store::open(dir, Options::default()).await
}

fn put(store: &mut Store, key: &str, value: impl Into<Value>) {
    store.put(&META, &key.into(), &value.into());
}

fn get(store: &Store, key: &str) -> Option<Value> {
    store.get(&META, &key.into()).unwrap()
}

/// Chance that can be thrown again: xorshift.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit
    }
}
