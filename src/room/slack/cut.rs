//! Cutting a text into messages that Slack takes.

use crate::model::Text;
use crate::room::split;

/// The messages that a text becomes.
pub(super) fn pieces(text: &Text) -> Vec<Text> {
    split::split(text, super::LONGEST)
}
