//! What a message says: text, blocks, attachments, metadata, within their limits.

use serde_json::{Map, Value};

use super::asked::Asked;
use super::blocks::{self, Place};
use super::refused::Refused;

/// Characters of a text that are kept.
pub const LONGEST: usize = 40_000;
const LONGEST_MARKDOWN: usize = 12_000;
const MOST_ATTACHMENTS: usize = 100;
/// Bytes.
const LARGEST_METADATA: usize = 16_000;

/// What a message says, and a warning when some of it was cut.
pub struct Content {
    pub text: String,
    pub blocks: Option<Vec<Value>>,
    pub attachments: Option<Vec<Value>>,
    /// Whether what is behind links and pictures is shown.
    pub unfurls: (Option<bool>, Option<bool>),
    pub beside: Map<String, Value>,
    pub cut: bool,
}

fn list(asked: &Asked<'_>, name: &str, error: &str) -> Result<Option<Vec<Value>>, Refused> {
    match asked.structure(name).map_err(|()| Refused::from(error))? {
        None => Ok(None),
        Some(Value::Array(all)) => Ok(Some(all)),
        Some(_) => Err(error.into()),
    }
}

/// Reads it; `longest` is how many characters the text may have at most, beyond which it is an error and not cut.
///
/// # Errors
/// What Slack says about texts, blocks, attachments and metadata that are not as they must be.
pub fn content(asked: &Asked<'_>, longest: Option<usize>) -> Result<Content, Refused> {
    let blocks = list(asked, "blocks", "invalid_blocks_format")?;
    let attachments = list(asked, "attachments", "invalid_attachments")?;
    let markdown = asked.text("markdown_text");
    let mut text = asked.text("text").unwrap_or_default();
    if let Some(markdown) = &markdown {
        if !text.is_empty() || blocks.is_some() {
            return Err("markdown_text_conflict".into());
        }
        if markdown.chars().count() > LONGEST_MARKDOWN {
            return Err("msg_too_long".into());
        }
        text.clone_from(markdown);
    }
    let some = |all: &Option<Vec<Value>>| all.as_ref().is_some_and(|all| !all.is_empty());
    if text.trim().is_empty() && !some(&blocks) && !some(&attachments) {
        return Err("no_text".into());
    }
    if attachments
        .as_ref()
        .is_some_and(|all| all.len() > MOST_ATTACHMENTS)
    {
        return Err("too_many_attachments".into());
    }
    if let Some(blocks) = &blocks {
        let wrong = blocks::wrong(blocks, Place::Message);
        if !wrong.is_empty() {
            return Err(Refused::because("invalid_blocks", &wrong));
        }
    }
    for attachment in attachments.iter().flatten() {
        let inside = attachment["blocks"].as_array();
        let wrong = inside
            .map(|all| blocks::wrong(all, Place::Message))
            .unwrap_or_default();
        if !wrong.is_empty() {
            return Err(Refused::because("invalid_blocks", &wrong));
        }
    }
    let length = text.chars().count();
    if markdown.is_none() && longest.is_some_and(|longest| length > longest) {
        return Err("msg_too_long".into());
    }
    let cut = length > LONGEST;
    if cut {
        text = text.chars().take(LONGEST).collect();
    }
    let mut beside = Map::new();
    if let Some(metadata) = asked
        .structure("metadata")
        .map_err(|()| Refused::from("invalid_metadata_format"))?
    {
        if metadata.to_string().len() > LARGEST_METADATA {
            return Err("metadata_too_large".into());
        }
        beside.insert("metadata".into(), metadata);
    }
    let wish = |name: &str| asked.text(name).map(|_| asked.yes(name));
    Ok(Content {
        text,
        blocks,
        attachments,
        unfurls: (wish("unfurl_links"), wish("unfurl_media")),
        beside,
        cut,
    })
}
