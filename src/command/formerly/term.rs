//! A filter of the Boson of old as a term of a query: `LENGTH` with `-150` is `length:<150`.

use super::never;
use crate::model::Refusal;
use crate::model::text::cut;

/// Every filter there was.
pub(super) const NAMES: [&str; 8] = [
    "REPUTATION",
    "LENGTH",
    "USER_ID",
    "POST_ID",
    "CONTAINS",
    "TAG",
    "BURNED_TAG",
    "HEAT_DETECTOR",
];

pub(super) const HINT: &str = "today one writes `where length:<150`; `man query` has the rest";

/// One filter with its value, as a query's term.
pub(super) fn term(name: &str, value: Option<&str>) -> Result<String, Refusal> {
    let shown = cut(name, 40).replace('`', "'");
    if name == "BURNED_TAG" {
        // Its value was asked for and never read.
        return Ok("is:burned".into());
    }
    let value = value.map(str::trim).filter(|value| !value.is_empty());
    let Some(value) = value else {
        return Err(Refusal::new(format!("`{shown}` has no value.")).hint(HINT));
    };
    let number = || {
        whole(value).ok_or_else(|| {
            Refusal::new(format!(
                "`{}` is no whole number, as `{shown}` needs.",
                cut(value, 40).replace('`', "'")
            ))
            .hint(HINT)
        })
    };
    let over_or_under = |fact: &str| -> Result<String, Refusal> {
        Ok(match number()? {
            n if n < 0 => format!("{fact}:<{}", n.unsigned_abs()),
            n => format!("{fact}:>{n}"),
        })
    };
    match name {
        "REPUTATION" => over_or_under("reputation"),
        "LENGTH" => over_or_under("length"),
        "HEAT_DETECTOR" => Ok(format!("heat:>={}", number()?)),
        "USER_ID" => Ok(format!("user:{}", number()?)),
        "POST_ID" => Ok(format!("post:{}", number()?)),
        // Any piece of the text, also one within a word.
        "CONTAINS" => {
            let piece = regex_syntax::escape(&value.replace("%20", " "));
            Ok(format!("body:/{}/", piece.replace('/', "\\/")))
        }
        "TAG" => {
            let tags: Vec<String> = value
                .split(';')
                .map(|tag| tag.trim().replace(['\\', '"'], ""))
                .map(|tag| {
                    match tag
                        .chars()
                        .all(|c| c.is_alphanumeric() || "-.+#".contains(c))
                    {
                        true => tag,
                        false => format!("\"{tag}\""),
                    }
                })
                .collect();
            Ok(format!("tag:{}", tags.join(",")))
        }
        _ => Err(never("filter", name, &NAMES)),
    }
}

pub(super) fn whole(text: &str) -> Option<i64> {
    text.replace(['−', '–', '—'], "-").parse().ok()
}
