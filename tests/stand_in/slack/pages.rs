//! Pages of a list, each with a cursor that says where the next one begins.

use super::asked::Asked;
use super::refused::Refused;

/// What a cursor begins and ends with; between them stands the key of the next item.
const BEGIN: &str = "bmV4dDo";
const END: &str = "==";

/// How the keys of a list go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    Rising,
    Falling,
}

/// The items of the page that was asked for, and the cursor of the next one, which is empty after the last.
///
/// Each item has a key that stays with it, so what is added or taken away meanwhile moves no page.
///
/// # Errors
/// `invalid_cursor`, `invalid_limit`.
pub fn page<T>(
    asked: &Asked<'_>,
    all: impl IntoIterator<Item = (String, T)>,
    keys: Keys,
    usual: usize,
) -> Result<(Vec<T>, String), Refused> {
    let limit = match asked.number("limit") {
        None | Some(Ok(0)) => usual,
        Some(Ok(limit)) if (1..1000).contains(&limit) => limit as usize,
        Some(_) => return Err("invalid_limit".into()),
    };
    let all: Vec<(String, T)> = all.into_iter().collect();
    let from = match asked.text("cursor") {
        None => 0,
        Some(cursor) => {
            let key = read(&cursor).ok_or(Refused::from("invalid_cursor"))?;
            let before = |its: &String| match keys {
                Keys::Rising => *its < key,
                Keys::Falling => *its > key,
            };
            all.iter().take_while(|(its, _)| before(its)).count()
        }
    };
    let next = all.get(from + limit).map(|(key, _)| written(key));
    let items = all.into_iter().skip(from).take(limit);
    Ok((
        items.map(|(_, item)| item).collect(),
        next.unwrap_or_default(),
    ))
}

fn written(key: &str) -> String {
    let hex: String = key.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("{BEGIN}{hex}{END}")
}

fn read(cursor: &str) -> Option<String> {
    let hex = cursor.strip_prefix(BEGIN)?.strip_suffix(END)?;
    let bytes = hex.as_bytes().chunks(2).map(|two| {
        let two = std::str::from_utf8(two).ok()?;
        u8::from_str_radix(two, 16).ok()
    });
    String::from_utf8(bytes.collect::<Option<Vec<u8>>>()?)
        .ok()
        .filter(|key| !key.is_empty())
}
