//! The real web: one hop over the network.

use std::error::Error as _;
use std::io;
use std::net::SocketAddr;

use reqwest::Client;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, IF_MODIFIED_SINCE, IF_NONE_MATCH};
use secrecy::ExposeSecret;
use url::Url;

use super::page::{Answer, Body, Call, Reply, Request};
use super::{HttpError, Settings, address};

/// The headers that somebody reads; the rest of an answer is not kept.
const READ: [&str; 9] = [
    "age",
    "cache-control",
    "content-type",
    "date",
    "etag",
    "expires",
    "last-modified",
    "location",
    "retry-after",
];

/// The client behind the door.
pub(super) struct Wire {
    client: Client,
    /// The machine has root certificates to check hosts with.
    certificates: bool,
}

impl Wire {
    pub fn new(settings: &Settings) -> Result<Wire, HttpError> {
        // Fails when a provider is installed already, which is as good.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        let builder = || {
            Client::builder()
                .user_agent(settings.agent.clone())
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .referer(false)
                .no_proxy()
                .pool_max_idle_per_host(settings.per_host.max(1))
                .dns_resolver(Public {
                    allow_private: settings.allow_private,
                })
        };
        match builder().build() {
            Ok(client) => Ok(Wire {
                client,
                certificates: true,
            }),
            Err(trouble) => {
                let client =
                    builder()
                        .tls_certs_only([])
                        .build()
                        .map_err(|_| HttpError::Setup {
                            why: innermost(&trouble),
                        })?;
                tracing::warn!(
                    "no root certificates, https will not work: {}",
                    innermost(&trouble)
                );
                Ok(Wire {
                    client,
                    certificates: false,
                })
            }
        }
    }

    /// # Errors
    /// When there is nothing to check certificates with.
    pub fn vouched(&self, host: &str) -> Result<(), HttpError> {
        match self.certificates {
            true => Ok(()),
            false => Err(HttpError::Tls {
                host: host.into(),
                why:
                    "this machine has no root certificates (on most systems the package is called \
                      `ca-certificates`)"
                        .into(),
            }),
        }
    }

    /// Asks once; redirects are answers like others.
    pub async fn ask(
        &self,
        request: &Request,
        body: Option<&Body>,
        url: &Url,
        settings: &Settings,
    ) -> Result<Answer, HttpError> {
        let host = address::shown(url);
        let https = url.scheme() == "https";
        if https {
            self.vouched(&host)?;
        }
        let mut ask = match body {
            None => self.client.get(url.clone()),
            Some(body) => self
                .client
                .post(url.clone())
                .header(CONTENT_TYPE, body.content_type)
                .body(body.bytes.clone()),
        }
        .header(ACCEPT, request.accept);
        if let Some(etag) = &request.etag {
            ask = ask.header(IF_NONE_MATCH, etag);
        }
        if let Some(at) = &request.last_modified {
            ask = ask.header(IF_MODIFIED_SINCE, at);
        }
        // In clear a password goes no further than this network.
        let near = address::literal(url).is_some_and(|ip| !address::is_public(ip));
        if let Some(login) = settings.logins.get(&host)
            && (https || near)
        {
            ask = ask.basic_auth(&login.user, Some(login.password.expose_secret()));
        }
        let response = ask.send().await.map_err(|error| why(&error, &host))?;
        let status = response.status().as_u16();
        let headers = kept(response.headers());
        let body = match status {
            200..=299 => read(response, settings.largest, &host).await?,
            400.. if request.whatever => read(response, settings.largest, &host).await?,
            _ => Vec::new(),
        };
        Ok(Answer {
            status,
            headers,
            body,
        })
    }
}

impl Wire {
    /// Asks once and keeps all of the answer.
    pub async fn call(
        &self,
        call: &Call,
        url: &Url,
        settings: &Settings,
    ) -> Result<Reply, HttpError> {
        let host = address::shown(url);
        if url.scheme() == "https" {
            self.vouched(&host)?;
        }
        let mut ask = match &call.body {
            None => self.client.get(url.clone()),
            Some(body) => self
                .client
                .post(url.clone())
                .header(CONTENT_TYPE, body.content_type)
                .body(body.bytes.clone()),
        };
        for (name, value) in &call.headers {
            ask = ask.header(*name, value);
        }
        let response = ask.send().await.map_err(|error| {
            match (error.is_connect(), why(&error, &host)) {
                // Only who was never connected has sent nothing.
                (
                    false,
                    HttpError::Unreachable { .. }
                    | HttpError::Refused { .. }
                    | HttpError::Tls { .. },
                ) => HttpError::BrokeOff { host: host.clone() },
                (_, error) => error,
            }
        })?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_string(), value)
            })
            .collect();
        Ok(Reply {
            status,
            headers,
            body: read(response, settings.largest, &host).await?,
        })
    }
}

/// Reads a body to its end or to the limit, whichever comes first.
async fn read(
    mut response: reqwest::Response,
    largest: usize,
    host: &str,
) -> Result<Vec<u8>, HttpError> {
    let too_large = HttpError::TooLarge { largest };
    if response
        .content_length()
        .is_some_and(|length| length > largest as u64)
    {
        return Err(too_large);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| why(&error, host))? {
        if body.len() + chunk.len() > largest {
            return Err(too_large);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

pub(super) fn kept(headers: &HeaderMap) -> Vec<(String, String)> {
    READ.iter()
        .filter_map(|name| {
            // Addresses in raw UTF-8 are not allowed but sent.
            let value = String::from_utf8_lossy(headers.get(*name)?.as_bytes()).into_owned();
            Some(((*name).to_string(), value))
        })
        .collect()
}

/// The client's error in our words.
fn why(error: &reqwest::Error, host: &str) -> HttpError {
    let host = host.to_string();
    let mut cause = error.source();
    let mut last = None;
    while let Some(one) = cause {
        if one.is::<NotPublic>() {
            return HttpError::Private { host };
        }
        if let Some(tls) = tls_inside(one) {
            return HttpError::Tls {
                host,
                why: tls_words(tls),
            };
        }
        if let Some(io) = one.downcast_ref::<io::Error>() {
            last = Some(io.kind());
        }
        cause = one.source();
    }
    if error.is_dns() {
        let host = error
            .url()
            .and_then(|url| url.host_str())
            .map_or(host, |name| crate::model::text::cut(name, 100));
        return nameless(error, host);
    }
    match last.map(|kind| broken(kind, &host)) {
        Some(HttpError::BrokeOff { .. }) | None if error.is_decode() => HttpError::Damaged { host },
        Some(error) => error,
        None => HttpError::BrokeOff { host },
    }
}

/// What became of a connection.
pub(super) fn broken(kind: io::ErrorKind, host: &str) -> HttpError {
    let host = host.to_string();
    match kind {
        io::ErrorKind::ConnectionRefused => HttpError::Refused { host },
        io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::NetworkDown
        | io::ErrorKind::AddrNotAvailable
        | io::ErrorKind::TimedOut => HttpError::Unreachable { host },
        _ => HttpError::BrokeOff { host },
    }
}

/// A name that could not be looked up.
fn nameless(error: &dyn std::error::Error, host: String) -> HttpError {
    if innermost(error).contains("emporary failure") {
        HttpError::NameTrouble { host }
    } else {
        HttpError::NoSuchHost { host }
    }
}

/// rustls's error, which arrives inside io's, and that inside another.
pub(super) fn tls_inside<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> Option<&'a rustls::Error> {
    let mut error = error;
    while let Some(inner) = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        error = inner;
    }
    error.downcast_ref()
}

pub(super) fn tls_words(error: &rustls::Error) -> String {
    use rustls::CertificateError as Bad;
    use rustls::Error;
    match error {
        Error::InvalidCertificate(bad) => match bad {
            Bad::Expired | Bad::ExpiredContext { .. } => "its certificate has expired".into(),
            Bad::NotValidYet | Bad::NotValidYetContext { .. } => {
                "its certificate is not valid yet".into()
            }
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => {
                "its certificate belongs to another host".into()
            }
            Bad::Revoked => "its certificate was revoked".into(),
            Bad::UnknownIssuer => "nobody we trust vouches for its certificate".into(),
            _ => "its certificate is not in order".into(),
        },
        Error::InvalidMessage(_) => "it does not speak https there".into(),
        Error::AlertReceived(_) | Error::PeerIncompatible(_) => {
            "it and we have no way of encryption in common".into()
        }
        _ => "the encryption does not come about".into(),
    }
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// Looks names up and gives only addresses that may be asked: what is checked is what is connected to.
struct Public {
    allow_private: bool,
}

/// The name leads to private addresses only.
#[derive(Debug, thiserror::Error)]
#[error("private address")]
struct NotPublic;

impl Resolve for Public {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let open = look_up(name.as_str(), 0, allow_private).await?;
            if open.is_empty() {
                return Err(NotPublic.into());
            }
            let open: Addrs = Box::new(open.into_iter());
            Ok(open)
        })
    }
}

/// The addresses of a name that may be asked.
///
/// # Errors
/// When the name cannot be looked up, or leads to private addresses only.
pub(super) async fn addresses(
    name: &str,
    port: u16,
    allow_private: bool,
) -> Result<Vec<SocketAddr>, HttpError> {
    let host = crate::model::text::cut(name, 100);
    match look_up(name, port, allow_private).await {
        Ok(open) if open.is_empty() => Err(HttpError::Private { host }),
        Ok(open) => Ok(open),
        Err(error) => Err(nameless(&error, host)),
    }
}

async fn look_up(name: &str, port: u16, allow_private: bool) -> io::Result<Vec<SocketAddr>> {
    let all = tokio::net::lookup_host((name, port)).await?;
    Ok(all
        .filter(|address| allow_private || address::is_public(address.ip()))
        .collect())
}
