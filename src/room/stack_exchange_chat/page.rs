//! What stands in the pages of the chat and of its log-in, as far as anybody wants to know it.

use crate::html::{Lexer, Token, attribute};
use crate::model::text;

/// How much of a page is read, in bytes.
const LARGEST: usize = 2 << 20;
/// The longest name of a person or room that is kept, in characters.
const NAME: usize = 200;

/// The account, as the chat knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Me {
    pub id: i64,
    pub name: String,
}

/// What any page of the chat tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Page {
    /// The key that every form sends back.
    pub fkey: Option<String>,
    /// Who is logged in.
    pub me: Option<Me>,
    /// There is a place to write in.
    pub writable: bool,
    /// It is a room that only those on a list see.
    pub private: bool,
    /// The page belongs to somebody who is logged in (of the site, not of the chat).
    pub logged_in: bool,
    /// It is the form to log in with.
    pub login_form: bool,
}

/// Reads a page.
pub(super) fn read(html: &str) -> Page {
    let mut end = html.len().min(LARGEST);
    while !html.is_char_boundary(end) {
        end -= 1;
    }
    let mut page = Page::default();
    // The links at the top have begun, and the first is not yet read.
    let mut bar = false;
    let mut me: Option<Me> = None;
    let mut heading = false;
    for token in Lexer::whole(&html[..end]) {
        match token {
            Token::Open { name, attributes } => {
                let has = |wanted: &str| {
                    attribute(attributes, "class")
                        .is_some_and(|all| all.split_whitespace().any(|class| class == wanted))
                };
                let id = || attribute(attributes, "id").unwrap_or_default();
                page.logged_in |= has("my-profile");
                match name.as_str() {
                    "input" if page.fkey.is_none() => {
                        let is = attribute(attributes, "name").is_some_and(|name| name == "fkey");
                        let value = is.then(|| attribute(attributes, "value")).flatten();
                        page.fkey = value.filter(|key| !key.is_empty() && key.len() <= 200);
                    }
                    "textarea" => page.writable |= id() == "input",
                    "form" => page.login_form |= id() == "login-form",
                    "h2" => heading = true,
                    // Where the first link leads to no person, nobody is logged in.
                    "a" if bar => {
                        bar = false;
                        let href = attribute(attributes, "href").unwrap_or_default();
                        me = person(&href).map(|id| Me {
                            id,
                            name: String::new(),
                        });
                    }
                    _ => {}
                }
                bar |= page.me.is_none() && me.is_none() && has("topbar-menu-links");
            }
            Token::Words(words) => {
                if let Some(me) = &mut me {
                    me.name.push_str(&words);
                }
                page.private |= heading && words.trim() == "Private Room";
            }
            Token::Close { name } => match name.as_str() {
                "a" => {
                    if let Some(mut found) = me.take() {
                        found.name = tidy(&found.name);
                        page.me = Some(found);
                    }
                }
                "h2" => heading = false,
                _ => {}
            },
        }
    }
    page
}

/// The number in `/users/123/name`.
fn person(href: &str) -> Option<i64> {
    let rest = href.strip_prefix("/users/")?;
    rest.split('/').next()?.parse().ok()
}

/// One line without what could harm, of a bounded length.
pub(super) fn tidy(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    text::cut(&text::harmless(&words.join(" ")), NAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_who_is_logged_in() {
        let page = read(
            r#"<html><body><script>var x = '<input name="fkey" value="no">';</script>
            <div class="topbar-links x topbar-menu-links"><span>a</span><a href="/users/42/ann-other" title="x">Ann
            &amp; <b>Other</b></a> <a href="/users/7/no">No</a></div><textarea id="input"></textarea>
            <input id="fkey" name="fkey" type="hidden" value="0123abcd"><input name=fkey value=other></body></html>"#,
        );
        let name = "Ann & Other".into();
        assert_eq!(page.me, Some(Me { id: 42, name }));
        assert_eq!(page.fkey.as_deref(), Some("0123abcd"));
        assert!(page.writable && !page.private && !page.login_form);
    }

    #[test]
    fn a_stranger_is_nobody() {
        let page = read(
            r#"<span class="topbar-menu-links"><a href="https://stackexchange.com/users/login">log in</a>
            <a href="/users/7/no">No</a></span><input name="fkey" value="1"><h2>Private Room</h2>"#,
        );
        assert_eq!(
            (page.me, page.fkey.as_deref(), page.private),
            (None, Some("1"), true)
        );
        for rubbish in [
            "",
            "<",
            "<a",
            "<input name=fkey>",
            "<a href='/users/x'>",
            "{}",
        ] {
            assert_eq!(read(rubbish), Page::default(), "{rubbish}");
        }
        let form =
            read("<form id=login-form><input name=fkey value=''></form><a class='x my-profile'>");
        assert!(form.login_form && form.logged_in && form.fkey.is_none());
    }
}
