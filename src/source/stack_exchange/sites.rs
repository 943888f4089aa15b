//! Which site of the Stack Exchange network is meant by what somebody typed.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::network::{SHORT, SITES};
use crate::model::Refusal;
use crate::model::text::cut;

/// The longest name of a site, in characters.
const LONGEST: usize = 200;

/// From this likeness on a name that is not known is taken for a slip.
const SLIP: f64 = 0.92;

/// A site of the network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// What the API calls it: `api_site_parameter`, such as `meta.stackoverflow`.
    pub api: String,
    /// Where it is: `meta.stackoverflow.com`.
    pub host: String,
    /// What it calls itself; empty where that is not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Other hosts that lead to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// It is the meta site of another.
    #[serde(default)]
    pub meta: bool,
}

/// The sites that are known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directory {
    sites: Vec<Site>,
    /// The network itself gave them: there are no others.
    complete: bool,
}

impl Default for Directory {
    fn default() -> Directory {
        Directory::built_in()
    }
}

impl Site {
    /// The site that the API calls so, as the network's rules have it.
    pub fn named(api: &str) -> Site {
        let title = SITES.iter().find(|(name, _)| *name == api);
        Site {
            api: api.into(),
            host: host_of(api),
            title: title.map_or_else(String::new, |(_, title)| (*title).into()),
            aliases: Vec::new(),
            meta: api.split('.').any(|part| part == "meta") && api != "meta",
        }
    }

    /// One object of `/sites`: <https://api.stackexchange.com/docs/types/site>.
    fn read(item: &Value) -> Option<Site> {
        let text = |key: &str| item.get(key).and_then(Value::as_str);
        let api = text("api_site_parameter").filter(|api| !api.is_empty())?;
        let host = text("site_url").and_then(host_in);
        let aliases = item.get("aliases").and_then(Value::as_array);
        Some(Site {
            api: api.to_lowercase(),
            host: host.unwrap_or_else(|| host_of(api)),
            title: decoded(text("name").unwrap_or_default()),
            aliases: aliases
                .into_iter()
                .flatten()
                .filter_map(|alias| host_in(alias.as_str()?))
                .collect(),
            meta: text("site_type") == Some("meta_site"),
        })
    }

    /// Under which names it is found.
    fn is_called(&self, plain: &str) -> bool {
        self.api == plain || self.host == plain || self.aliases.iter().any(|host| host == plain)
    }

    fn is_titled(&self, letters: &str) -> bool {
        let title = letters_of(&self.title);
        !title.is_empty() && (title == letters || title.strip_prefix("the") == Some(letters))
            || letters_of(&self.api) == letters
    }
}

impl Directory {
    /// The sites that are known without asking.
    pub fn built_in() -> Directory {
        Directory {
            sites: SITES.iter().map(|(api, _)| Site::named(api)).collect(),
            complete: false,
        }
    }

    /// The items of all pages of `/sites`; nothing where there is no site in them.
    pub fn read(items: &[Value]) -> Option<Directory> {
        let sites: Vec<Site> = items.iter().filter_map(Site::read).collect();
        (!sites.is_empty()).then_some(Directory {
            sites,
            complete: true,
        })
    }

    /// Whether the network itself gave it, so that there are no other sites.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// The site that the API calls so; one that is not listed as the network's rules have it.
    pub fn site(&self, api: &str) -> Site {
        let known = self.sites.iter().find(|site| site.api == api);
        known.cloned().unwrap_or_else(|| Site::named(api))
    }

    /// The site that is meant: by its short name, its host, a link to anything on it, its title. Where the list is not
    /// the network's own, a name that may well be one is taken as it is; the first look will tell.
    ///
    /// # Errors
    /// When there is no such site; the hint has the nearest names.
    pub fn find(&self, typed: &str) -> Result<Site, Refusal> {
        let plain = plain(typed);
        if plain.is_empty() {
            return Err(Refusal::new("The site is missing.").hint(
                "for instance `stackoverflow`, `interpersonal.stackexchange.com`, or a link to it",
            ));
        }
        if plain.chars().count() <= LONGEST
            && let Some(site) = self.known(&plain).or_else(|| self.likely(&plain))
        {
            return Ok(site);
        }
        Err(self.unknown(typed, &plain))
    }

    fn known(&self, plain: &str) -> Option<Site> {
        let sites = || self.sites.iter();
        let found = sites().find(|site| site.is_called(plain)).or_else(|| {
            let (_, api) = SHORT.iter().find(|(short, _)| *short == plain)?;
            sites().find(|site| site.api == *api)
        });
        if let Some(found) = found {
            return Some(found.clone());
        }
        // `beer` was once where `alcohol` is now; `meta.workplace` and `workplace.meta` are one.
        let host = host_of(plain);
        if let Some(found) = sites().find(|site| site.is_called(&host)) {
            return Some(found.clone());
        }
        if let Some(api) = api_of(plain).or_else(|| api_of(&host))
            && let Some(found) = sites().find(|site| site.api == api)
        {
            return Some(found.clone());
        }
        let letters = letters_of(plain);
        let titled = |letters: &str| sites().find(|site| site.is_titled(letters));
        if let Some(found) = titled(&letters).filter(|_| !letters.is_empty()) {
            return Some(found.clone());
        }
        if let Some(shorter) = without_network(plain) {
            return self.known(&shorter);
        }
        let parent = self.known(&without_meta(plain)?)?;
        let meta = self.known_meta(&parent)?;
        Some(meta)
    }

    /// The meta site of a site.
    fn known_meta(&self, parent: &Site) -> Option<Site> {
        if parent.meta || parent.api == "meta" {
            return None;
        }
        let api = meta_of(&parent.api);
        let listed = self.sites.iter().find(|site| site.api == api);
        listed
            .cloned()
            .or_else(|| (!self.complete).then(|| Site::named(&api)))
    }

    /// What may be a site that is not listed here.
    fn likely(&self, plain: &str) -> Option<Site> {
        if self.complete {
            return None;
        }
        if let Some(api) = api_of(plain) {
            return Some(Site::named(&api));
        }
        let is_name = (2..=40).contains(&plain.len())
            && !plain.starts_with(['.', '-'])
            && !plain.ends_with(['.', '-'])
            && !["com", "net", "org"].contains(&plain.rsplit('.').next().unwrap_or_default())
            && plain
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-');
        let is_slip = self
            .near(plain)
            .first()
            .is_some_and(|(likeness, _)| *likeness >= SLIP);
        (is_name && !is_slip).then(|| Site::named(plain))
    }

    /// Known names that are like this one, the likest first.
    fn near(&self, plain: &str) -> Vec<(f64, &str)> {
        let mut near: Vec<(f64, &str)> = Vec::new();
        let likeness = |a: &str, b: &str| strsim::jaro_winkler(a, b);
        let letters = letters_of(plain);
        for site in &self.sites {
            let by_title = match site.title.is_empty() {
                true => 0.0,
                false => likeness(&letters, &letters_of(&site.title)),
            };
            let best = likeness(plain, &site.api)
                .max(likeness(plain, &site.host))
                .max(by_title);
            near.push((best, &site.api));
        }
        near.retain(|(likeness, _)| *likeness >= 0.8);
        near.sort_by(|a, b| b.0.total_cmp(&a.0));
        near
    }

    fn unknown(&self, typed: &str, plain: &str) -> Refusal {
        let shown = cut(typed.trim(), 60).replace('`', "'");
        let refusal = Refusal::new(format!(
            "I know no site of Stack Exchange called `{shown}`."
        ));
        let shorter: String = plain.chars().take(60).collect();
        let near: Vec<&str> = self
            .near(&shorter)
            .iter()
            .take(3)
            .map(|(_, api)| *api)
            .collect();
        match near.split_last() {
            None => refusal.hint("its address always works: `interpersonal.stackexchange.com`"),
            Some((one, [])) => {
                refusal.hint(format!("did you mean `{one}`? its address always works"))
            }
            Some((last, rest)) => refusal.hint(format!(
                "did you mean `{}` or `{last}`? its address always works",
                rest.join("`, `")
            )),
        }
    }
}

/// Sites with a domain of their own: what the API calls them, and where they are.
const OWN: [(&str, &str); 7] = [
    ("stackoverflow", "stackoverflow.com"),
    ("serverfault", "serverfault.com"),
    ("superuser", "superuser.com"),
    ("askubuntu", "askubuntu.com"),
    ("stackapps", "stackapps.com"),
    ("mathoverflow.net", "mathoverflow.net"),
    ("meta", "meta.stackexchange.com"),
];

const NETWORK: &str = "stackexchange.com";

/// The site that a name means by the rules of the network alone.
pub(super) fn guess(typed: &str) -> Site {
    let typed = typed.trim().to_lowercase();
    Site::named(&api_of(&typed).unwrap_or(typed))
}

/// Where the site is that the API calls so: `beer` is `beer.stackexchange.com`.
pub fn host_of(api: &str) -> String {
    if let Some((_, host)) = OWN.iter().find(|(name, _)| *name == api) {
        return (*host).into();
    }
    // The metas of those with their own domain, and Stack Overflow in other languages.
    let (before, last) = api.rsplit_once('.').unwrap_or(("", api));
    if !before.is_empty() {
        if api == "meta.mathoverflow.net" {
            return api.into();
        }
        if let Some((_, host)) = OWN.iter().find(|(name, _)| *name == last) {
            return format!("{before}.{host}");
        }
        if before == "meta" {
            return format!("{last}.meta.{NETWORK}");
        }
    }
    format!("{api}.{NETWORK}")
}

/// What the API calls the site at this host: `beer.stackexchange.com` is `beer`. `None` where it is none.
pub fn api_of(host: &str) -> Option<String> {
    let host = host.strip_prefix("www.").unwrap_or(host);
    if let Some((api, _)) = OWN.iter().find(|(_, own)| *own == host) {
        return Some((*api).into());
    }
    if host == "meta.mathoverflow.net" {
        return Some(host.into());
    }
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !["chat", "api", "data", "www", "area51", "openid"].contains(&label)
    };
    if let Some(before) = host.strip_suffix(".stackexchange.com") {
        let labels: Vec<&str> = before.split('.').collect();
        return match labels.as_slice() {
            [name] if is_label(name) => Some((*name).into()),
            ["meta", name] | [name, "meta"] if is_label(name) => Some(format!("{name}.meta")),
            _ => None,
        };
    }
    let (before, own) = OWN.iter().find_map(|(api, own)| {
        let before = host.strip_suffix(own)?.strip_suffix('.')?;
        Some((before, api))
    })?;
    before
        .split('.')
        .all(is_label)
        .then(|| format!("{before}.{own}"))
}

/// What the API calls a site's meta.
fn meta_of(api: &str) -> String {
    match OWN.iter().any(|(name, _)| *name == api) {
        true => format!("meta.{api}"),
        false => match api.split_once('.') {
            Some((language, rest)) => format!("{language}.meta.{rest}"),
            None => format!("{api}.meta"),
        },
    }
}

/// What was typed without what does not matter: in small letters, a link's host, no brackets or quotes around it.
fn plain(typed: &str) -> String {
    let typed = typed
        .trim()
        .trim_matches(['<', '>', '"', '\'', '`', '“', '”', '(', ')']);
    // A link as Markdown writes it: `[Beer](https://…)`.
    let typed = match typed.rsplit_once("](") {
        Some((_, link)) => link,
        None => typed,
    };
    if let Some(host) = host_in(typed) {
        return host;
    }
    let words: Vec<&str> = typed.split_whitespace().collect();
    let plain = words.join(" ").to_lowercase();
    plain.trim_end_matches(['.', ',', '/']).into()
}

/// A title as the API encodes it for HTML; few signs are in titles.
fn decoded(title: &str) -> String {
    let title = title.replace("&#39;", "'").replace("&quot;", "\"");
    title.replace("&amp;", "&").trim().to_string()
}

/// The host of a link, or of what is written like one without `https://`.
fn host_in(link: &str) -> Option<String> {
    let lower = link.trim().to_lowercase();
    let rest = match lower.split_once("://") {
        Some((_, rest)) => rest,
        None if lower.contains('.') && lower.contains('/') && !lower.contains(' ') => &lower,
        None => return None,
    };
    let rest = rest.trim_start_matches('/');
    let end = rest
        .find(['/', '?', '#', ':', ')', '>'])
        .unwrap_or(rest.len());
    let host = rest[..end].trim_end_matches('.');
    let host = host.strip_prefix("www.").unwrap_or(host);
    (!host.is_empty()).then(|| host.to_string())
}

/// Letters and digits alone: `Unix & Linux` is `unixlinux`, `Stack Overflow` is `stackoverflow`.
fn letters_of(name: &str) -> String {
    let lower = name.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && *word != "and")
        .collect();
    words.concat()
}

/// `codereview` of `se.codereview`, `codereview stack exchange`, `codereview.se`.
fn without_network(plain: &str) -> Option<String> {
    let ends = [
        " stack exchange",
        " stackexchange",
        ".stackexchange",
        " se",
        ".se",
    ];
    let starts = ["se.", "se ", "stackexchange.", "the "];
    let rest = ends
        .iter()
        .find_map(|end| plain.strip_suffix(end))
        .or_else(|| starts.iter().find_map(|start| plain.strip_prefix(start)))?;
    let rest = rest.trim();
    (!rest.is_empty()).then(|| rest.to_string())
}

/// `the workplace` of `meta the workplace`, `the workplace meta`, `meta of the workplace`.
fn without_meta(plain: &str) -> Option<String> {
    let starts = ["meta of ", "meta ", "meta."];
    let ends = [" meta", ".meta"];
    let rest = starts
        .iter()
        .find_map(|start| plain.strip_prefix(start))
        .or_else(|| ends.iter().find_map(|end| plain.strip_suffix(end)))?;
    let rest = rest.trim();
    (!rest.is_empty()).then(|| rest.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn hosts_and_short_names_lead_to_each_other() {
        for (api, host) in [
            ("stackoverflow", "stackoverflow.com"),
            ("serverfault", "serverfault.com"),
            ("superuser", "superuser.com"),
            ("askubuntu", "askubuntu.com"),
            ("stackapps", "stackapps.com"),
            ("mathoverflow.net", "mathoverflow.net"),
            ("meta.mathoverflow.net", "meta.mathoverflow.net"),
            ("meta", "meta.stackexchange.com"),
            ("meta.stackoverflow", "meta.stackoverflow.com"),
            ("meta.askubuntu", "meta.askubuntu.com"),
            ("pt.stackoverflow", "pt.stackoverflow.com"),
            ("pt.meta.stackoverflow", "pt.meta.stackoverflow.com"),
            ("beer", "beer.stackexchange.com"),
            ("workplace.meta", "workplace.meta.stackexchange.com"),
            ("3dprinting", "3dprinting.stackexchange.com"),
        ] {
            assert_eq!(host_of(api), host);
            assert_eq!(api_of(host).as_deref(), Some(api));
        }
        assert_eq!(
            api_of("meta.workplace.stackexchange.com").as_deref(),
            Some("workplace.meta")
        );
        for host in [
            "example.org",
            "chat.stackexchange.com",
            "stackexchange.com",
            "chat.stackoverflow.com",
            "",
        ] {
            assert_eq!(api_of(host), None, "{host}");
        }
    }

    #[test]
    fn sites_are_found_by_any_name_that_people_use() {
        let known = Directory::built_in();
        for (typed, api) in [
            ("stackoverflow", "stackoverflow"),
            ("StackOverflow", "stackoverflow"),
            ("Stack Overflow", "stackoverflow"),
            ("stack-overflow", "stackoverflow"),
            ("so", "stackoverflow"),
            ("SO", "stackoverflow"),
            ("stackoverflow.com", "stackoverflow"),
            ("www.stackoverflow.com", "stackoverflow"),
            ("su", "superuser"),
            ("super user", "superuser"),
            ("meta", "meta"),
            ("meta.stackexchange", "meta"),
            ("meta stack exchange", "meta"),
            ("MSE", "meta"),
            ("meta.stackoverflow", "meta.stackoverflow"),
            ("meta stack overflow", "meta.stackoverflow"),
            ("mso", "meta.stackoverflow"),
            ("meta.workplace", "workplace.meta"),
            ("workplace.meta", "workplace.meta"),
            ("the workplace meta", "workplace.meta"),
            ("interpersonal.stackexchange.com", "interpersonal"),
            ("Interpersonal Skills", "interpersonal"),
            ("interpersonal skills stack exchange", "interpersonal"),
            ("ips", "interpersonal"),
            ("workplace", "workplace"),
            ("The Workplace", "workplace"),
            ("unix", "unix"),
            ("Unix & Linux", "unix"),
            ("unix and linux", "unix"),
            ("tex", "tex"),
            ("TeX - LaTeX", "tex"),
            ("ell", "ell"),
            ("se.codereview", "codereview"),
            ("codereview.se", "codereview"),
            ("codereview.stackexchange", "codereview"),
            ("Cross Validated", "stats"),
            ("mathoverflow", "mathoverflow.net"),
            ("https://beer.stackexchange.com/questions/1", "beer"),
            ("<https://beer.stackexchange.com/questions/1>", "beer"),
            ("beer.stackexchange.com/questions/1", "beer"),
            ("[Beer](https://beer.stackexchange.com)", "beer"),
            ("http://STACKOVERFLOW.com", "stackoverflow"),
            ("https://pt.stackoverflow.com/questions", "pt.stackoverflow"),
            ("ja.stackoverflow", "ja.stackoverflow"),
            // Not listed, but it may be one.
            ("beer", "beer"),
            ("proofassistants", "proofassistants"),
        ] {
            match known.find(typed) {
                Ok(site) => assert_eq!(site.api, api, "{typed}"),
                Err(refusal) => panic!("{typed}: {refusal}"),
            }
        }
    }

    #[test]
    fn unknown_sites_get_the_nearest_names() {
        let known = Directory::built_in();
        for (typed, near) in [
            ("stackoverflo", "stackoverflow"),
            ("interpersonel", "interpersonal"),
            ("super usr", "superuser"),
            ("https://example.org/questions/1", "always works"),
            ("no such site at all", "always works"),
            ("", "for instance"),
            (&"x".repeat(500), "always works"),
        ] {
            let refusal = known.find(typed).expect_err(typed);
            let hint = refusal.hint.unwrap_or_default();
            assert!(hint.contains(near), "{typed}: {hint}");
        }
    }

    #[test]
    fn the_list_of_the_network_takes_the_place_of_ours() {
        let items = [
            json!({"api_site_parameter": "alcohol", "site_url": "https://alcohol.stackexchange.com",
                "name": "Beer, Wine &amp; Spirits", "aliases": ["https://beer.stackexchange.com"], "site_type": "main_site"}),
            json!({"api_site_parameter": "alcohol.meta", "site_url": "https://alcohol.meta.stackexchange.com",
                "name": "Beer, Wine & Spirits Meta", "site_type": "meta_site"}),
            json!({"api_site_parameter": "stackoverflow", "site_url": "https://stackoverflow.com", "name": "Stack Overflow"}),
            json!({"name": "no site"}),
        ];
        let listed = Directory::read(&items).unwrap();
        assert!(listed.is_complete());
        for (typed, api) in [
            ("https://beer.stackexchange.com/q/1", "alcohol"),
            ("beer", "alcohol"),
            ("meta.alcohol", "alcohol.meta"),
            ("Beer, Wine & Spirits", "alcohol"),
            ("so", "stackoverflow"),
        ] {
            assert_eq!(listed.find(typed).unwrap().api, api, "{typed}");
        }
        assert!(listed.find("proofassistants").is_err());
        assert!(listed.find("unheardof.stackexchange.com").is_err());
        assert!(Directory::read(&[]).is_none());
        let stored = serde_json::to_string(&listed).unwrap();
        assert_eq!(serde_json::from_str::<Directory>(&stored).unwrap(), listed);
    }

    proptest::proptest! {
        #[test]
        fn nothing_typed_breaks_it(typed in "\\PC{0,40}") {
            let _ = Directory::built_in().find(&typed);
        }
    }
}
