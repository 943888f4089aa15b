//! What a source gave last, for `test`, `explain` and estimates: the newest items one by one, those before them in
//! compressed pages.
//!
//! A source's items are numbered in the order they came. What an addition costs does not depend on how much is kept:
//! a page knows how much came before it, so that nothing is ever counted.

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use crate::model::{Item, SourceId};

use super::engine::Direction;
use super::table::key_bytes;
use super::tables::{ITEMS, PAGES};
use super::{Error, Rows, Store};

/// So many single items become pages.
const LOOSE: u64 = 64;
/// The most bytes of texts in a page, unless one item alone has more.
const PAGE: usize = 256 << 10;
/// The most bytes of a source's pages as they are stored.
const PAGES_BYTES: u64 = 16 << 20;

/// Items that stand in one row, the oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page {
    items: Vec<Item>,
    before: Sum,
}

/// What all earlier pages of a source had together, those that are gone too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Sum {
    items: u64,
    bytes: u64,
}

/// A page as it is stored, with what came before it and it together.
struct Stored {
    number: u64,
    page: Page,
    through: Sum,
}

/// Adds items, the oldest first. Of a source at least the last `keep` stay, as long as they fit into 16 MiB.
///
/// # Errors
/// When the store cannot be read.
pub fn add(store: &mut Store, source: SourceId, new: &[Item], keep: usize) -> Result<(), Error> {
    let packed = last_page(store, source)?;
    let mut number = last_number(store, source)?;
    for item in &new[new.len().saturating_sub(keep)..] {
        number += 1;
        store.put(&ITEMS, &(source, number), item);
    }
    if number - packed >= LOOSE {
        pack(store, source)?;
        drop_old(store, source, keep as u64)?;
    }
    Ok(())
}

/// The last `most` items, the oldest first.
///
/// # Errors
/// When the store cannot be read.
pub fn last(rows: &impl Rows, source: SourceId, most: usize) -> Result<Vec<Item>, Error> {
    let mut items = Vec::new();
    newest_first(rows, source, &mut |item| {
        if items.len() == most {
            return ControlFlow::Break(());
        }
        items.push(item);
        ControlFlow::Continue(())
    })?;
    items.reverse();
    Ok(items)
}

/// The last items that came after the one of this number, at most so many, the oldest first.
///
/// # Errors
/// When the store cannot be read.
pub fn after(
    store: &Store,
    source: SourceId,
    number: u64,
    most: usize,
) -> Result<Vec<Item>, Error> {
    let new = last_number(store, source)?.saturating_sub(number);
    let new = usize::try_from(new).unwrap_or(usize::MAX);
    last(store, source, new.min(most))
}

/// The number of the last item; 0 when there was none.
///
/// # Errors
/// When the store cannot be read.
pub fn last_number(store: &Store, source: SourceId) -> Result<u64, Error> {
    match store.last_key(&ITEMS, &source)? {
        Some((_, number)) => Ok(number),
        None => last_page(store, source),
    }
}

/// Shows what is kept of a source, the newest first, until the visitor breaks.
///
/// # Errors
/// When the store cannot be read.
pub fn newest_first(
    rows: &impl Rows,
    source: SourceId,
    visit: &mut dyn FnMut(Item) -> ControlFlow<()>,
) -> Result<(), Error> {
    let prefix = key_bytes(&source);
    let (mut oldest, mut flow) = (u64::MAX, ControlFlow::Continue(()));
    rows.walk(ITEMS.tree, &prefix, Direction::Back, &mut |key, value| {
        oldest = ITEMS.key(key)?.1;
        flow = visit(ITEMS.value(value)?);
        Ok(flow)
    })?;
    if flow.is_break() {
        return Ok(());
    }
    rows.walk(PAGES.tree, &prefix, Direction::Back, &mut |key, value| {
        // Beside the loop single items may become a page after they were read.
        if PAGES.key(key)?.1 >= oldest {
            return Ok(ControlFlow::Continue(()));
        }
        let page = PAGES.value(value)?;
        Ok(page.items.into_iter().rev().try_for_each(&mut *visit))
    })
}

/// More is kept than single items: reading all of it takes its time.
///
/// # Errors
/// When the store cannot be read.
pub fn are_many(store: &Store, source: SourceId) -> Result<bool, Error> {
    Ok(last_page(store, source)? > 0)
}

/// Drops all that is kept of a source.
///
/// # Errors
/// When the store cannot be read.
pub fn forget(store: &mut Store, source: SourceId) -> Result<(), Error> {
    store.delete_all(&ITEMS, &source)?;
    store.delete_all(&PAGES, &source)
}

/// The number of the last item in a page; 0 when there is no page.
fn last_page(store: &Store, source: SourceId) -> Result<u64, Error> {
    let last = store.last_key(&PAGES, &source)?;
    Ok(last.map_or(0, |(_, number)| number))
}

/// Puts all single items into pages.
fn pack(store: &mut Store, source: SourceId) -> Result<(), Error> {
    let mut before = newest_page(store, source)?.map_or(Sum::default(), |last| last.through);
    let mut open = Vec::new();
    let (mut bytes, mut last) = (0, 0);
    for ((_, number), item) in store.scan(&ITEMS, &source, usize::MAX)? {
        store.delete(&ITEMS, &(source, number));
        let weight = weight(&item);
        if !open.is_empty() && (bytes + weight > PAGE || open.len() as u64 == LOOSE) {
            before = close(store, source, last, std::mem::take(&mut open), before);
            bytes = 0;
        }
        bytes += weight;
        last = number;
        open.push(item);
    }
    if !open.is_empty() {
        close(store, source, last, open, before);
    }
    Ok(())
}

/// Writes a page, and returns what there is with it.
fn close(store: &mut Store, source: SourceId, number: u64, items: Vec<Item>, before: Sum) -> Sum {
    let page = Page { items, before };
    let bytes = store.put(&PAGES, &(source, number), &page);
    page.through(bytes)
}

/// Drops the oldest pages that are not needed for the last `keep` items, and those that are too much for the disk.
fn drop_old(store: &mut Store, source: SourceId, keep: u64) -> Result<(), Error> {
    let Some(last) = newest_page(store, source)? else {
        return Ok(());
    };
    let mut old = Vec::new();
    walk_pages(store, source, Direction::Forward, &mut |page| {
        let goes = last.through.items - page.through.items >= keep
            || last.through.bytes - page.page.before.bytes > PAGES_BYTES;
        if goes && page.number != last.number {
            old.push(page.number);
            return ControlFlow::Continue(());
        }
        ControlFlow::Break(())
    })?;
    for number in old {
        store.delete(&PAGES, &(source, number));
    }
    Ok(())
}

fn newest_page(store: &Store, source: SourceId) -> Result<Option<Stored>, Error> {
    let mut newest = None;
    walk_pages(store, source, Direction::Back, &mut |page| {
        newest = Some(page);
        ControlFlow::Break(())
    })?;
    Ok(newest)
}

fn walk_pages(
    store: &Store,
    source: SourceId,
    direction: Direction,
    visit: &mut dyn FnMut(Stored) -> ControlFlow<()>,
) -> Result<(), Error> {
    let prefix = key_bytes(&source);
    store.walk(PAGES.tree, &prefix, direction, &mut |key, value| {
        let page = PAGES.value(value)?;
        Ok(visit(Stored {
            number: PAGES.key(key)?.1,
            through: page.through(value.len()),
            page,
        }))
    })
}

impl Page {
    fn through(&self, bytes: usize) -> Sum {
        Sum {
            items: self.before.items + self.items.len() as u64,
            bytes: self.before.bytes + bytes as u64,
        }
    }
}

/// About how many bytes an item's texts have.
fn weight(item: &Item) -> usize {
    let tags: usize = item.tags.iter().map(String::len).sum();
    let url = item.url.as_ref().map_or(0, String::len);
    item.id.0.len() + item.title.len() + item.body.len() + tags + url + 200
}
