//! A request, read: its arguments from query, form or JSON, and its token.

use serde_json::{Map, Value};

use super::refused::Refused;
use super::request::Request;

/// What came along.
pub struct Asked<'a> {
    pub request: &'a Request,
    /// Without the query.
    pub path: &'a str,
    pub query: Map<String, Value>,
    pub args: Map<String, Value>,
    /// Of the body.
    pub json: bool,
    pub warning: Option<&'static str>,
    /// The body is not what its type says.
    pub broken: Option<&'static str>,
}

fn pairs(bytes: &[u8]) -> Map<String, Value> {
    let all = url::form_urlencoded::parse(bytes);
    all.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect()
}

impl<'a> Asked<'a> {
    pub fn read(request: &'a Request) -> Asked<'a> {
        let (path, query) = request
            .target
            .split_once('?')
            .unwrap_or((&request.target, ""));
        let query = pairs(query.as_bytes());
        let mut asked = Asked {
            request,
            path,
            args: query.clone(),
            query,
            json: false,
            warning: None,
            broken: None,
        };
        let kind = request
            .header("content-type")
            .unwrap_or_default()
            .to_ascii_lowercase();
        let charset = kind.contains("charset");
        let first = kind.split(';').next().unwrap_or_default().trim();
        match first {
            _ if request.method != "POST" || request.body.is_empty() => {}
            "application/json" => {
                asked.json = true;
                asked.warning = (!charset).then_some("missing_charset");
                match serde_json::from_slice(&request.body) {
                    Ok(Value::Object(all)) => asked.args.extend(all),
                    Ok(_) => asked.broken = Some("json_not_object"),
                    Err(_) => asked.broken = Some("invalid_json"),
                }
            }
            "application/x-www-form-urlencoded" => {
                asked.warning = charset.then_some("superfluous_charset");
                asked.args.extend(pairs(&request.body));
            }
            "multipart/form-data" => match multipart(&kind, request) {
                Some(all) => asked.args.extend(all),
                None => asked.broken = Some("invalid_form_data"),
            },
            "" => asked.broken = Some("missing_post_type"),
            _ => asked.broken = Some("invalid_post_type"),
        }
        asked
    }

    /// From the header, or among the arguments.
    pub fn token(&self) -> Option<String> {
        let header = self.request.header("authorization");
        let header = header
            .and_then(|its| its.strip_prefix("Bearer "))
            .map(str::trim);
        header.map(String::from).or_else(|| self.text("token"))
    }

    pub fn header_token(&self) -> bool {
        self.request.header("authorization").is_some()
    }

    /// An argument as text; what is empty counts as missing.
    pub fn text(&self, name: &str) -> Option<String> {
        match self.args.get(name)? {
            Value::String(text) if text.is_empty() => None,
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(yes) => Some(yes.to_string()),
            Value::Array(all) => {
                let all: Vec<&str> = all.iter().filter_map(Value::as_str).collect();
                Some(all.join(","))
            }
            Value::Null | Value::Object(_) => None,
        }
    }

    /// One that must be there.
    pub fn needed(&self, name: &str) -> Result<String, Refused> {
        self.text(name).ok_or_else(|| Refused::missing(name))
    }

    pub fn yes(&self, name: &str) -> bool {
        matches!(self.text(name).as_deref(), Some("true" | "1"))
    }

    /// A number, when it is one.
    pub fn number(&self, name: &str) -> Option<Result<i64, ()>> {
        let text = self.text(name)?;
        Some(text.parse().map_err(|_| ()))
    }

    /// A structured argument: JSON, or JSON in a string.
    ///
    /// # Errors
    /// None when it is no JSON.
    pub fn structure(&self, name: &str) -> Result<Option<Value>, ()> {
        match self.args.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text).map(Some).map_err(|_| ()),
            Some(other) => Ok(Some(other.clone())),
        }
    }
}

/// The fields of a form in parts.
fn multipart(kind: &str, request: &Request) -> Option<Map<String, Value>> {
    // The type was made lower case, the boundary must not be.
    let raw = request.header("content-type")?;
    let at = kind.find("boundary=")? + "boundary=".len();
    let boundary = raw.get(at..)?.split(';').next()?.trim_matches('"');
    let body = String::from_utf8_lossy(&request.body);
    let mut all = Map::new();
    for part in body.split(&format!("--{boundary}")).skip(1) {
        if part.starts_with("--") {
            break;
        }
        let (head, value) = part.split_once("\r\n\r\n")?;
        let name = head.split("name=\"").nth(1)?.split('"').next()?;
        let value = value.strip_suffix("\r\n").unwrap_or(value);
        all.insert(name.into(), Value::String(value.into()));
    }
    Some(all)
}
