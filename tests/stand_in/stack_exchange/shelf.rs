//! Objects of one type, found by number, by sort and by page.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use serde_json::{Map, Value};

use super::people::mixed;

/// An object as the API gives it, with raw text. What begins with `_` is never shown.
pub type Object = Map<String, Value>;

/// When it was created, for objects whose date the API does not give too.
pub const CREATED: &str = "_created";

/// How late it is seen, in thousandths of the longest time.
const LATE: &str = "_late";

/// Until when it is in no list.
pub const HIDDEN: &str = "_hidden";

pub struct Shelf {
    rows: BTreeMap<u64, Object>,
    indexes: BTreeMap<&'static str, BTreeSet<(i64, u64)>>,
}

/// Which objects, and in which order.
pub struct Wanted<'a> {
    /// The field to sort by; objects without it are left out.
    pub sort: &'a str,
    pub ascending: bool,
    /// Of the creation, both ends included.
    pub created: (i64, i64),
    pub min: Option<Value>,
    pub max: Option<Value>,
    pub only: Option<&'a [u64]>,
    /// Now, and after how many seconds everything is in lists.
    pub late: (i64, i64),
    pub keep: &'a dyn Fn(&Object) -> bool,
    /// From 1.
    pub page: usize,
    pub pagesize: usize,
    pub count: bool,
}

pub struct Found<'a> {
    pub objects: Vec<&'a Object>,
    pub has_more: bool,
    /// Only where it was asked for.
    pub total: Option<usize>,
}

impl Shelf {
    /// `sorts` are the fields with numbers that are asked for often.
    pub fn new(sorts: &[&'static str]) -> Shelf {
        let mut indexes = BTreeMap::from([(CREATED, BTreeSet::new())]);
        indexes.extend(sorts.iter().map(|sort| (*sort, BTreeSet::new())));
        Shelf {
            rows: BTreeMap::new(),
            indexes,
        }
    }

    pub fn put(&mut self, id: u64, mut object: Object) {
        self.take(id);
        object
            .entry(LATE)
            .or_insert_with(|| (mixed(id, 12) % 1000).into());
        for (field, index) in &mut self.indexes {
            if let Some(at) = object.get(*field).and_then(Value::as_i64) {
                index.insert((at, id));
            }
        }
        self.rows.insert(id, object);
    }

    pub fn take(&mut self, id: u64) -> Option<Object> {
        let object = self.rows.remove(&id)?;
        for (field, index) in &mut self.indexes {
            if let Some(at) = object.get(*field).and_then(Value::as_i64) {
                index.remove(&(at, id));
            }
        }
        Some(object)
    }

    pub fn change(&mut self, id: u64, change: impl FnOnce(&mut Object)) {
        if let Some(mut object) = self.take(id) {
            change(&mut object);
            self.put(id, object);
        }
    }

    pub fn get(&self, id: u64) -> Option<&Object> {
        self.rows.get(&id)
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn all(&self) -> impl Iterator<Item = (&u64, &Object)> {
        self.rows.iter()
    }

    pub fn page(&self, wanted: &Wanted) -> Found<'_> {
        let skipped = (wanted.page - 1) * wanted.pagesize;
        let (now, most) = wanted.late;
        let fits = |object: &Object| {
            let created = number(object, CREATED);
            let seen = created + number(object, LATE) * most / 1000;
            let seen = seen.max(number(object, HIDDEN));
            (seen <= now || wanted.only.is_some())
                && created >= wanted.created.0
                && created <= wanted.created.1
                && object.get(wanted.sort).is_some_and(|at| {
                    let above = wanted.min.as_ref().is_none_or(|min| !before(at, min));
                    above && wanted.max.as_ref().is_none_or(|max| !before(max, at))
                })
                && (wanted.keep)(object)
        };
        let sort = if wanted.sort == "creation_date" {
            CREATED
        } else {
            wanted.sort
        };
        let index = self.indexes.get(sort).filter(|_| wanted.only.is_none());
        if let Some(index) = index.filter(|_| !wanted.count) {
            let bound = |value: &Option<Value>, otherwise| {
                value.as_ref().and_then(Value::as_i64).unwrap_or(otherwise)
            };
            let mut first = bound(&wanted.min, i64::MIN);
            let mut last = bound(&wanted.max, i64::MAX);
            if sort == CREATED {
                (first, last) = (first.max(wanted.created.0), last.min(wanted.created.1));
            }
            if first > last {
                return Found {
                    objects: Vec::new(),
                    has_more: false,
                    total: None,
                };
            }
            let range = index.range((
                Bound::Included((first, 0)),
                Bound::Included((last, u64::MAX)),
            ));
            let objects = range.map(|(_, id)| &self.rows[id]);
            return if wanted.ascending {
                cut(objects, fits, skipped, wanted.pagesize)
            } else {
                cut(objects.rev(), fits, skipped, wanted.pagesize)
            };
        }
        let mut objects: Vec<(&u64, &Object)> = match wanted.only {
            Some(ids) => {
                let ids: BTreeSet<&u64> = ids.iter().collect();
                let known = ids.iter().filter_map(|id| self.rows.get_key_value(id));
                known.filter(|(_, object)| fits(object)).collect()
            }
            None => self
                .rows
                .iter()
                .filter(|(_, object)| fits(object))
                .collect(),
        };
        objects.sort_by(|(a, x), (b, y)| {
            let (x, y) = (&x[wanted.sort], &y[wanted.sort]);
            let order = if before(x, y) {
                std::cmp::Ordering::Less
            } else if before(y, x) {
                std::cmp::Ordering::Greater
            } else {
                a.cmp(b)
            };
            if wanted.ascending {
                order
            } else {
                order.reverse()
            }
        });
        let total = wanted.count.then_some(objects.len());
        let mut found = cut(
            objects.into_iter().map(|(_, object)| object),
            |_| true,
            skipped,
            wanted.pagesize,
        );
        found.total = total;
        found
    }
}

fn cut<'a>(
    objects: impl Iterator<Item = &'a Object>,
    fits: impl Fn(&Object) -> bool,
    skipped: usize,
    pagesize: usize,
) -> Found<'a> {
    let mut objects: Vec<&Object> = objects
        .filter(|object| fits(object))
        .skip(skipped)
        .take(pagesize + 1)
        .collect();
    let has_more = objects.len() > pagesize;
    objects.truncate(pagesize);
    Found {
        objects,
        has_more,
        total: None,
    }
}

/// A number of an object, 0 where it has none.
pub fn number(object: &Object, field: &str) -> i64 {
    object.get(field).and_then(Value::as_i64).unwrap_or(0)
}

/// A text of an object, empty where it has none.
pub fn text<'a>(object: &'a Object, field: &str) -> &'a str {
    object.get(field).and_then(Value::as_str).unwrap_or("")
}

fn before(a: &Value, b: &Value) -> bool {
    match (a.as_i64(), b.as_i64()) {
        (Some(a), Some(b)) => a < b,
        _ => a.as_str().unwrap_or("") < b.as_str().unwrap_or(""),
    }
}
