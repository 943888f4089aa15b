//! All sites behind one address: what a request is answered, without any socket.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use super::asked::Asked;
use super::limits::Limits;
use super::methods::{self, Given};
use super::people::object;
use super::refused::Refused;
use super::shelf::Object;
use super::site::{Ping, Site};

pub struct Network {
    sites: Vec<Site>,
    pub limits: Limits,
    now: i64,
    /// After how many seconds at the latest something new is in lists, each thing after a time of its own.
    pub lag: i64,
    remembered: BTreeMap<String, (i64, Given)>,
    faults: VecDeque<Fault>,
    /// Faults that last, for one site or (empty) for all.
    broken: BTreeMap<String, Fault>,
    asked: BTreeMap<(String, String), usize>,
    /// Every request, with its time.
    pub heard: Vec<(i64, String)>,
}

/// What goes wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A page of HTML with this status.
    Status(u16),
    /// An error of the API.
    Error(u32),
    /// The connection ends in the middle of the body.
    Cut,
    /// The body begins and does not go on.
    NeverEnds,
    /// Everything is refused for so many seconds.
    Throttle(i64),
}

/// An answer; `body` is not packed yet.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// What is to go wrong on the way; only `Cut` and `NeverEnds`.
    pub fault: Option<Fault>,
}

/// Sites that can be filled by hand: parameter, title, host, number on the web socket. The numbers are made up but for
/// those of Stack Overflow and its meta.
const BY_HAND: [(&str, &str, &str, u32); 14] = [
    ("stackoverflow", "Stack Overflow", "stackoverflow.com", 1),
    ("serverfault", "Server Fault", "serverfault.com", 2),
    ("superuser", "Super User", "superuser.com", 3),
    ("meta", "Meta Stack Exchange", "meta.stackexchange.com", 4),
    (
        "meta.stackoverflow",
        "Meta Stack Overflow",
        "meta.stackoverflow.com",
        552,
    ),
    ("askubuntu", "Ask Ubuntu", "askubuntu.com", 89),
    (
        "cooking",
        "Seasoned Advice",
        "cooking.stackexchange.com",
        49,
    ),
    (
        "workplace",
        "The Workplace",
        "workplace.stackexchange.com",
        423,
    ),
    (
        "interpersonal",
        "Interpersonal Skills",
        "interpersonal.stackexchange.com",
        675,
    ),
    (
        "beer",
        "Beer, Wine & Spirits",
        "beer.stackexchange.com",
        508,
    ),
    ("coffee", "Coffee", "coffee.stackexchange.com", 597),
    (
        "codereview",
        "Code Review",
        "codereview.stackexchange.com",
        196,
    ),
    (
        "beer.meta",
        "Beer, Wine & Spirits Meta",
        "beer.meta.stackexchange.com",
        509,
    ),
    (
        "es.stackoverflow",
        "Stack Overflow en español",
        "es.stackoverflow.com",
        637,
    ),
];

impl Site {
    /// A site by its parameter, without anything on it; unknown ones get a name and a host of their own.
    pub fn new(param: &str) -> Site {
        let known = BY_HAND.iter().find(|(known, ..)| *known == param);
        match known {
            Some((param, name, host, number)) => Site::empty(param, name, host, *number),
            None => {
                let number = 1000 + param.bytes().map(u32::from).sum::<u32>();
                let (first, rest) = param.split_at_checked(1).unwrap_or((param, ""));
                let name = format!("{}{rest}", first.to_uppercase());
                Site::empty(param, &name, &format!("{param}.stackexchange.com"), number)
            }
        }
    }
}

impl Network {
    pub fn new(sites: Vec<Site>) -> Network {
        Network {
            sites,
            limits: Limits::usual(),
            now: i64::MIN,
            lag: 0,
            remembered: BTreeMap::new(),
            faults: VecDeque::new(),
            broken: BTreeMap::new(),
            asked: BTreeMap::new(),
            heard: Vec::new(),
        }
    }

    /// Some well-known sites with nothing on them.
    pub fn by_hand() -> Network {
        Network::new(BY_HAND.iter().map(|(param, ..)| Site::new(param)).collect())
    }

    /// Adds a site, in the place of one that is called the same.
    pub fn add(&mut self, site: Site) {
        self.sites.retain(|its| its.param != site.param);
        self.sites.push(site);
    }

    pub fn sites(&self) -> impl Iterator<Item = &Site> {
        self.sites.iter()
    }

    /// A site by its parameter or its host.
    pub fn site(&mut self, name: &str) -> Option<&mut Site> {
        let short = name
            .trim_end_matches(".com")
            .trim_end_matches(".stackexchange");
        self.sites
            .iter_mut()
            .find(|site| site.param == name || site.host == name || site.param == short)
    }

    /// Lets everything happen up to `now`.
    pub fn advance(&mut self, now: i64) {
        self.now = self.now.max(now);
        for site in &mut self.sites {
            site.advance(self.now);
        }
    }

    /// When something happens next.
    pub fn next(&self) -> Option<i64> {
        self.sites.iter().filter_map(Site::next).min()
    }

    /// What the web socket has to tell since the last time.
    pub fn pings(&mut self) -> Vec<Ping> {
        let sites = self.sites.iter_mut();
        let mut pings: Vec<Ping> = sites
            .flat_map(|site| std::mem::take(&mut site.active))
            .collect();
        pings.sort_by_key(|ping| ping.about["lastActivityDate"].as_i64());
        pings
    }

    /// The next request goes wrong; several wait for their turn.
    pub fn fault(&mut self, fault: Fault) {
        self.faults.push_back(fault);
    }

    /// Whether something is to go wrong yet.
    pub fn is_faulty(&self) -> bool {
        !self.faults.is_empty()
    }

    /// From now on, or (`None`) no more, all requests go wrong that are about a site; empty: all of them.
    pub fn breaks(&mut self, site: &str, fault: Option<Fault>) {
        match fault {
            Some(fault) => self.broken.insert(site.into(), fault),
            None => self.broken.remove(site),
        };
    }

    /// How often a method (`questions/{ids}`) was asked for about a site; empty stands for all.
    pub fn asked(&self, method: &str, site: &str) -> usize {
        let asked = self.asked.iter().filter(|((its_method, its_site), _)| {
            (method.is_empty() || its_method == method) && (site.is_empty() || its_site == site)
        });
        asked.map(|(_, times)| times).sum()
    }

    pub fn answer(&mut self, _method: &str, target: &str, body: &[u8], now: i64) -> Answer {
        self.advance(now);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let path =
            url::form_urlencoded::parse(format!("p={}", path.replace('+', "%2B")).as_bytes())
                .next()
                .map_or(String::new(), |(_, path)| path.into_owned());
        let mut segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        if segments
            .first()
            .is_some_and(|first| first.starts_with("2."))
        {
            segments.remove(0);
        }
        let mut asked = Asked::read(query, body);
        asked.late = (self.now, self.lag);
        let method = methods::method(&segments);
        let site = asked.get("site").unwrap_or("").to_lowercase();
        self.heard.push((self.now, target.into()));
        *self
            .asked
            .entry((method.clone(), site.clone()))
            .or_default() += 1;
        let broken = [&site, ""]
            .into_iter()
            .find_map(|site| self.broken.get(site).cloned());
        let fault = self.faults.pop_front().or(broken);
        let result = match &fault {
            Some(Fault::Status(status)) => return Answer::page(*status),
            Some(Fault::Error(id)) => Err(Refused::new(*id, "simulated")),
            Some(Fault::Throttle(seconds)) => {
                self.limits.ban(self.now, *seconds);
                Err(Refused::throttled(*seconds))
            }
            Some(Fault::Cut | Fault::NeverEnds) | None => self.given(&segments, &method, &asked),
        };
        let mut answer = match result {
            Ok(wrapper) => Answer::json(200, &wrapper),
            Err(refused) => Answer::json(400, &error(&refused)),
        };
        answer.fault = fault.filter(|fault| matches!(fault, Fault::Cut | Fault::NeverEnds));
        answer
    }

    fn given(&mut self, path: &[&str], method: &str, asked: &Asked) -> Result<Object, Refused> {
        let now = self.now;
        let same = asked.same(&path.join("/"));
        self.limits.ask(now, method, &same)?;
        if asked
            .get("access_token")
            .is_some_and(|token| token.contains("invalid"))
        {
            return Err(Refused::new(402, "access_token"));
        }
        if asked.get("key").is_some_and(|key| key.contains("invalid")) {
            return Err(Refused::parameter(
                "`key` doesn't match a known application",
            ));
        }
        let (most, left) = self
            .limits
            .take(now, asked.get("key"), asked.get("access_token"))?;
        let filter = asked.filter()?;
        self.remembered
            .retain(|_, (at, _)| now - *at < self.limits.remembered);
        if !self.remembered.contains_key(&same) {
            let given = if methods::of_a_site(path) {
                let name = asked
                    .get("site")
                    .ok_or_else(|| Refused::parameter("site is required"))?
                    .to_lowercase();
                let site = self.site(&name).ok_or_else(|| {
                    Refused::parameter(format!("No site found for name `{name}`"))
                })?;
                methods::of_one(site, path, asked, now)?
            } else {
                methods::of_all(self, path, asked)?
            };
            self.remembered.insert(same.clone(), (now, given));
        }
        let given = &self.remembered[&same].1;
        let items = given
            .items
            .iter()
            .map(|item| Value::Object(filter.shown(given.type_name, item)));
        let number =
            |name: &str, otherwise: i64| asked.number(name).ok().flatten().unwrap_or(otherwise);
        let mut wrapper = object(json!({
            "items": items.collect::<Vec<Value>>(), "has_more": given.has_more, "quota_max": most,
            "quota_remaining": left, "page": number("page", 1), "page_size": number("pagesize", 30),
            "type": given.type_name,
        }));
        if let Some(total) = given.total {
            wrapper.insert("total".into(), total.into());
        }
        if let Some(seconds) = self.limits.backoff(now, method) {
            wrapper.insert("backoff".into(), seconds.into());
        }
        // The items are filtered already.
        wrapper.retain(|name, _| filter.has("", name));
        Ok(wrapper)
    }
}

fn error(refused: &Refused) -> Object {
    object(json!({
        "error_id": refused.id, "error_name": refused.name(), "error_message": refused.message,
    }))
}

impl Answer {
    fn json(status: u16, wrapper: &Object) -> Answer {
        let json = "application/json; charset=utf-8";
        Answer {
            status,
            headers: vec![("content-type".into(), json.into())],
            body: serde_json::to_vec(wrapper).expect("it is plain JSON"),
            fault: None,
        }
    }

    /// What a host says that does not get through to the API.
    fn page(status: u16) -> Answer {
        Answer {
            status,
            headers: vec![("content-type".into(), "text/html".into())],
            body: format!("<html><title>Error {status}</title><p>Sorry.</p></html>").into_bytes(),
            fault: None,
        }
    }
}
