//! A site, and perhaps some of its posts, out of the words that somebody typed: names, numbers, links.

use std::collections::BTreeSet;

use super::api::Api;
use super::post;
use super::sites::Site;
use crate::model::Refusal;
use crate::model::text::cut;

/// Where to look.
pub(super) struct Place {
    pub site: Site,
    /// Sorted; all of the site where there are none.
    pub posts: Vec<u64>,
}

impl Place {
    /// The place that the words behind `on` and the posts behind `below` name. Where only some posts can be watched
    /// (`narrows`), a link to one in the place of the site means that post.
    ///
    /// # Errors
    /// When there is no such site, when links lead to different sites, or when a link says more than is understood.
    pub fn find(
        words: &[String],
        posts: &[String],
        narrows: bool,
        api: &Api,
    ) -> Result<Place, Refusal> {
        let (links, names): (Vec<&String>, Vec<&String>) =
            words.iter().partition(|word| is_link(word));
        let typed: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
        let site = match (typed.as_slice(), links.as_slice()) {
            ([], [first, ..]) => api.site(first)?,
            (typed, _) => api.site(&typed.join(" "))?,
        };
        let mut numbers = BTreeSet::new();
        for link in &links {
            if let Some(tag) = tag_in(link) {
                return Err(
                    Refusal::new("That link leads to a tag, not to a site.").hint(format!(
                        "the site and the tag: `on {} tagged {tag}`",
                        site.api
                    )),
                );
            }
            match post::number(link) {
                Ok(number) if narrows => {
                    numbers.insert(number);
                }
                // Any link names its site.
                Ok(_) | Err(_) if names.is_empty() && links.len() == 1 => {}
                Ok(_) | Err(_) => {
                    return Err(Refusal::new(format!(
                        "I do not know what to do with `{}` behind the site.",
                        cut(&link.replace('`', "'"), 80)
                    ))
                    .hint("`comments on SITE below LINK` watches single posts"));
                }
            }
        }
        let signs = [',', ';', ' '];
        let posts = || posts.iter().flat_map(|posts| posts.split(signs));
        for post in posts().filter(|post| !post.is_empty()) {
            numbers.insert(post::number(post)?);
        }
        let links = links.iter().map(|link| link.as_str());
        for link in links.chain(posts().filter(|post| is_link(post))) {
            let its = api.site(link)?;
            if its.api != site.api {
                return Err(Refusal::new(format!(
                    "`{}` is on {}, not on {}.",
                    cut(&link.replace('`', "'"), 80),
                    its.host,
                    site.host
                ))
                .hint("one tracker watches posts of one site"));
            }
        }
        Ok(Place {
            site,
            posts: numbers.into_iter().collect(),
        })
    }
}

fn is_link(word: &str) -> bool {
    word.contains("://")
}

/// The tag that a link to its questions names.
fn tag_in(link: &str) -> Option<String> {
    let (_, rest) = link.split_once("/tagged/")?;
    let tag = rest.split(['/', '?', '#', '>', ')']).next()?;
    (!tag.is_empty()).then(|| cut(&tag.replace('`', "'"), 40))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(words: &str, posts: &str, narrows: bool) -> Result<(String, Vec<u64>), Refusal> {
        let split = |text: &str| {
            text.split_whitespace()
                .map(String::from)
                .collect::<Vec<_>>()
        };
        let place = Place::find(&split(words), &split(posts), narrows, &Api::default())?;
        Ok((place.site.api, place.posts))
    }

    #[test]
    fn a_link_can_be_the_site_or_a_post() {
        const BEER: &str = "https://beer.stackexchange.com/questions/7/which-hops";
        for (words, posts, narrows, site, numbers) in [
            ("beer", "", true, "beer", &[][..]),
            ("Stack Overflow", "", false, "stackoverflow", &[]),
            (BEER, "", false, "beer", &[]),
            (BEER, "", true, "beer", &[7]),
            ("https://beer.stackexchange.com", "", true, "beer", &[]),
            (
                "beer https://beer.stackexchange.com/a/9",
                "",
                true,
                "beer",
                &[9],
            ),
            ("beer", "9 7 9", true, "beer", &[7, 9]),
            (
                BEER,
                "https://beer.stackexchange.com/q/12",
                true,
                "beer",
                &[7, 12],
            ),
        ] {
            let found = find(words, posts, narrows).unwrap();
            assert_eq!(
                found,
                (site.to_string(), numbers.to_vec()),
                "{words} {posts}"
            );
        }
        for (words, posts, narrows) in [
            ("beer https://coffee.stackexchange.com/q/9", "", true),
            ("beer", "https://coffee.stackexchange.com/q/9", true),
            ("beer https://beer.stackexchange.com/q/9", "", false),
            (
                "https://beer.stackexchange.com/questions/tagged/ipa",
                "",
                false,
            ),
            ("beer", "hops", true),
            ("", "", false),
        ] {
            assert!(find(words, posts, narrows).is_err(), "{words} {posts}");
        }
    }
}
