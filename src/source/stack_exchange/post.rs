//! A post of Stack Exchange, as people write it: its number, or a link to it.

use url::Url;

use crate::model::Refusal;
use crate::model::text::cut;

/// The number of a post, as a number or out of a link to it.
///
/// # Errors
/// When there is no number in it.
pub(super) fn number(typed: &str) -> Result<u64, Refusal> {
    let typed = typed.trim().trim_matches(['<', '>']);
    if let Ok(number) = typed.parse() {
        return Ok(number);
    }
    let refusal = || {
        Refusal::new(format!(
            "`{}` is no post.",
            cut(&typed.replace('`', "'"), 80)
        ))
        .hint("a post is its number, or a link to it: `93696`, `https://beer.stackexchange.com/q/7`; commas stand between posts")
    };
    let url = Url::parse(typed).map_err(|_| refusal())?;
    // The share link of an answer has its number first, the link that a page shows at the end.
    let fragment = url.fragment().and_then(|id| id.parse().ok());
    let pieces = || url.path_segments().into_iter().flatten();
    let question = pieces().any(|piece| matches!(piece, "questions" | "q"));
    let mut numbers = pieces().filter_map(|piece| piece.parse::<u64>().ok());
    match fragment {
        Some(answer) if question => Some(answer),
        Some(_) | None => numbers.next(),
    }
    .ok_or_else(refusal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_is_a_number_or_a_link() {
        for (typed, id) in [
            ("93696", 93696),
            ("<https://beer.stackexchange.com/q/7/811>", 7),
            ("https://beer.stackexchange.com/questions/7/which-hops", 7),
            (
                "https://beer.stackexchange.com/questions/7/which-hops/12#12",
                12,
            ),
            ("https://beer.stackexchange.com/a/12/811", 12),
            (
                "https://beer.stackexchange.com/questions/7/which-hops#comment5_7",
                7,
            ),
        ] {
            assert_eq!(number(typed), Ok(id), "{typed}");
        }
        for typed in ["", "which", "https://beer.stackexchange.com/tags", "-5"] {
            assert!(number(typed).is_err(), "{typed}");
        }
    }
}
