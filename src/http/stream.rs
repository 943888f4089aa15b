//! A bare connection to a server that speaks something else than the web: bytes in both directions, encrypted or not.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::identity::Identity;
use super::{HttpError, wire};

/// Where a server is, and how it is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// A name or an address.
    pub host: String,
    pub port: u16,
    pub cipher: Cipher,
    /// Who the bot is, for a server that asks while the connection is encrypted.
    pub identity: Option<Identity>,
}

/// Whether what is said can be read on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cipher {
    None,
    /// Whoever vouches for hosts on this machine must vouch for this one, too.
    Tls,
    /// Only those vouch for it whose certificates are in this file (PEM).
    TlsOf(PathBuf),
}

/// An open connection. Dropping it ends it without a word.
pub struct Stream(Wired);

enum Wired {
    Bare(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Opens a connection; what may be opened is the operator's business, who has written down where it is.
pub(super) async fn open(server: &Server, timeout: Duration) -> Result<Stream, HttpError> {
    let opening = async {
        let stream = connect(server).await?;
        let config = match &server.cipher {
            Cipher::None => return Ok(Stream(Wired::Bare(stream))),
            Cipher::Tls => config(server, native)?,
            Cipher::TlsOf(file) => config(server, |roots| own(roots, file))?,
        };
        let host = server.host.clone();
        let name = ServerName::try_from(host.clone())
            .map_err(|_| HttpError::NoSuchHost { host: host.clone() })?;
        match TlsConnector::from(config).connect(name, stream).await {
            Ok(stream) => Ok(Stream(Wired::Tls(Box::new(stream)))),
            Err(error) => Err(why(&error, &host)),
        }
    };
    match tokio::time::timeout(timeout, opening).await {
        Ok(opened) => opened,
        Err(_) => Err(HttpError::NoAnswer {
            host: server.host.clone(),
            waited: timeout,
        }),
    }
}

/// Why a connection broke, in words for people.
pub fn why(error: &io::Error, host: &str) -> HttpError {
    match wire::tls_inside(error) {
        Some(tls) => HttpError::Tls {
            host: host.into(),
            why: wire::tls_words(tls).replace("https", "TLS"),
        },
        None => wire::broken(error.kind(), host),
    }
}

async fn connect(server: &Server) -> Result<TcpStream, HttpError> {
    let Server { host, port, .. } = server;
    let addresses = match host.parse::<IpAddr>() {
        Ok(ip) => vec![SocketAddr::new(ip, *port)],
        Err(_) => wire::addresses(host, *port, true).await?,
    };
    let mut trouble = HttpError::NoSuchHost { host: host.clone() };
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                // Lines are short, and each is to leave at once.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Err(error) => trouble = wire::broken(error.kind(), host),
        }
    }
    Err(trouble)
}

fn config(
    server: &Server,
    fill: impl FnOnce(&mut RootCertStore) -> Result<(), String>,
) -> Result<Arc<ClientConfig>, HttpError> {
    let mut roots = RootCertStore::empty();
    fill(&mut roots).map_err(|why| HttpError::Tls {
        host: server.host.clone(),
        why,
    })?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| HttpError::Setup {
            why: error.to_string(),
        })?
        .with_root_certificates(roots);
    let config = match &server.identity {
        None => config.with_no_client_auth(),
        Some(identity) => {
            let (certificates, key) = identity.read().map_err(|why| HttpError::Identity { why })?;
            config
                .with_client_auth_cert(certificates, key)
                .map_err(|error| HttpError::Identity {
                    why: format!("certificate and key do not fit together ({error})"),
                })?
        }
    };
    Ok(Arc::new(config))
}

/// Those who vouch for hosts on this machine.
fn native(roots: &mut RootCertStore) -> Result<(), String> {
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    match roots.is_empty() {
        false => Ok(()),
        true => Err(
            "this machine has no root certificates (on most systems the package is called `ca-certificates`)".into(),
        ),
    }
}

/// Those of a file.
fn own(roots: &mut RootCertStore, file: &PathBuf) -> Result<(), String> {
    let shown = file.display();
    let all = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|_| format!("`{shown}` cannot be read as certificates"))?;
    roots.add_parsable_certificates(all);
    match roots.is_empty() {
        false => Ok(()),
        true => Err(format!("there is no certificate in `{shown}`")),
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Wired::Bare(stream) => Pin::new(stream).poll_read(context, buffer),
            Wired::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.0 {
            Wired::Bare(stream) => Pin::new(stream).poll_write(context, bytes),
            Wired::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Wired::Bare(stream) => Pin::new(stream).poll_flush(context),
            Wired::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Wired::Bare(stream) => Pin::new(stream).poll_shutdown(context),
            Wired::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
