//! What a request asks for: its parameters, read and checked.

use std::collections::BTreeMap;

use serde_json::Value;

use super::fields::Filter;
use super::refused::Refused;

/// The parameters of a request, unread.
pub struct Asked {
    given: BTreeMap<String, String>,
    /// Now, and after how many seconds everything is in lists.
    pub late: (i64, i64),
}

/// The parameters that every method with a list has.
pub struct Paging {
    pub page: usize,
    pub pagesize: usize,
    pub ascending: bool,
    pub created: (i64, i64),
    pub sort: &'static str,
    pub min: Option<Value>,
    pub max: Option<Value>,
}

/// The name of a sort and its field.
pub type Sorts = &'static [(&'static str, &'static str)];

impl Asked {
    /// From the query of the address and a form; what comes later counts.
    pub fn read(query: &str, body: &[u8]) -> Asked {
        let pairs = [query.as_bytes(), body];
        let pairs = pairs
            .iter()
            .flat_map(|part| url::form_urlencoded::parse(part));
        Asked {
            late: (i64::MAX, 0),
            given: pairs
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
        }
    }

    /// A parameter that is there and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.given
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    pub fn number(&self, name: &str) -> Result<Option<i64>, Refused> {
        self.get(name)
            .map(|value| value.parse().map_err(|_| Refused::parameter(name)))
            .transpose()
    }

    pub fn yes(&self, name: &str) -> Result<Option<bool>, Refused> {
        match self.get(name).map(str::to_ascii_lowercase).as_deref() {
            None => Ok(None),
            Some("true" | "1") => Ok(Some(true)),
            Some("false" | "0") => Ok(Some(false)),
            Some(_) => Err(Refused::parameter(name)),
        }
    }

    /// A list with `;`, in lower case.
    pub fn list(&self, name: &str) -> Vec<String> {
        let all = self.get(name).unwrap_or("").split(';');
        all.filter(|one| !one.is_empty())
            .map(str::to_lowercase)
            .collect()
    }

    pub fn filter(&self) -> Result<Filter, Refused> {
        let name = self.get("filter").unwrap_or("default");
        Filter::named(name).ok_or_else(|| Refused::parameter("Invalid filter specified"))
    }

    /// `sorts` of the method, the first is the usual one.
    pub fn paging(&self, sorts: Sorts) -> Result<Paging, Refused> {
        let page = self.number("page")?.unwrap_or(1);
        let pagesize = self.number("pagesize")?.unwrap_or(30);
        if page < 1 {
            return Err(Refused::parameter("page"));
        }
        if !(0..=100).contains(&pagesize) {
            return Err(Refused::parameter("pagesize"));
        }
        if page > 25 && self.get("key").is_none() && self.get("access_token").is_none() {
            return Err(Refused::new(
                403,
                "page above 25 requires access token or app key",
            ));
        }
        let sort = match self.get("sort") {
            None => sorts[0].1,
            Some(name) => {
                sorts
                    .iter()
                    .find(|(known, _)| *known == name)
                    .ok_or_else(|| Refused::parameter("sort"))?
                    .1
            }
        };
        let ascending = match self.get("order") {
            None | Some("desc") => false,
            Some("asc") => true,
            Some(_) => return Err(Refused::parameter("order")),
        };
        let bound = |name: &str| -> Result<Option<Value>, Refused> {
            if sort == "name" || sort == "display_name" {
                return Ok(self.get(name).map(Value::from));
            }
            Ok(self.number(name)?.map(Value::from))
        };
        let created = (
            self.number("fromdate")?.unwrap_or(i64::MIN),
            self.number("todate")?.unwrap_or(i64::MAX),
        );
        Ok(Paging {
            page: page as usize,
            pagesize: pagesize as usize,
            ascending,
            created,
            sort,
            min: bound("min")?,
            max: bound("max")?,
        })
    }

    /// The request without what does not matter for the answer.
    pub fn same(&self, path: &str) -> String {
        let mut same = path.to_string();
        for (name, value) in &self.given {
            if name != "key" && name != "access_token" {
                same.push_str(&format!("&{name}={value}"));
            }
        }
        same
    }
}

/// The ids of a path, up to 100.
pub fn ids(segment: &str) -> Result<Vec<u64>, Refused> {
    let ids: Result<Vec<u64>, _> = segment.split(';').map(str::parse).collect();
    ids.ok()
        .filter(|ids| (1..=100).contains(&ids.len()))
        .ok_or_else(|| Refused::parameter("ids"))
}
