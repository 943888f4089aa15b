//! Logging in by a certificate of the bot's own: where the server knows it, where it does not, and where it cannot be shown.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use boson::http::{Cipher, Identity};
use boson::model::Text;
use rustls::DistinguishedName;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use tokio_rustls::TlsAcceptor;

use super::scene::{Scene, clock};
use super::stand_in::{Server, Settings};
use super::tls::{CERTIFICATE, KEY, pem};

/// A server of IRC takes any certificate, and asks its services whose it is.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ClientCertVerifier for Anybody {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        let schemes = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, schemes)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        let schemes = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, schemes)
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// A network whose server knows the account of the bot by this certificate, and the files of a bot in a folder.
async fn scene(folder: &Path, known: &'static [u8]) -> Scene {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(Arc::new(Anybody(provider)))
        .with_single_cert(
            vec![CERTIFICATE.to_vec().into()],
            PrivateKeyDer::try_from(KEY.to_vec()).unwrap(),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let shown = Arc::new(AtomicBool::new(false));
    let settings = Settings {
        certificate: Some(shown.clone()),
        ..Settings::default()
    };
    let clock = clock();
    let server = Server::on(settings, clock.clone(), move |stream| {
        let (acceptor, shown) = (acceptor.clone(), shown.clone());
        async move {
            let stream = acceptor.accept(stream).await.ok()?;
            let theirs = stream.get_ref().1.peer_certificates();
            let is_known = theirs.is_some_and(|all| all[0].as_ref() == known);
            shown.store(is_known, Ordering::SeqCst);
            Some(stream)
        }
    });
    let mut scene = Scene::at(server.await, clock);
    write(folder, "irc.crt", &pem("CERTIFICATE", CERTIFICATE));
    write(folder, "irc.key", &pem("PRIVATE KEY", KEY));
    scene.settings.server.cipher = Cipher::TlsOf(folder.join("irc.crt"));
    scene.settings.server.identity = Some(Identity {
        certificate: folder.join("irc.crt"),
        key: folder.join("irc.key"),
    });
    scene
}

/// A file that nobody else reads.
fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).unwrap();
    opened(folder, name, 0o600);
}

fn opened(folder: &Path, name: &str, mode: u32) {
    let mode = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(folder.join(name), mode).unwrap();
}

#[tokio::test]
async fn a_certificate_logs_in_without_a_password() {
    let folder = tempfile::tempdir().unwrap();
    let mut scene = scene(folder.path(), CERTIFICATE).await;
    let ears = scene.sits().await;
    ears.say("#one", Text::line("here")).await.unwrap();
    let came = scene.server.came();
    let place = |line: &str| came.iter().position(|came| came == line);
    let place = |line: &str| place(line).unwrap_or_else(|| panic!("no {line}: {came:#?}"));
    assert!(place("AUTHENTICATE EXTERNAL") < place("AUTHENTICATE +"));
    assert!(place("AUTHENTICATE +") < place("CAP END"));
    // One file may have both.
    drop(ears);
    let both = pem("CERTIFICATE", CERTIFICATE) + &pem("PRIVATE KEY", KEY);
    write(folder.path(), "irc.pem", &both);
    let file = folder.path().join("irc.pem");
    scene.settings.server.identity = Some(Identity {
        certificate: file.clone(),
        key: file,
    });
    scene.settings.nick = "other".into();
    scene.sits().await;
    let count = scene
        .server
        .came()
        .iter()
        .filter(|line| *line == "AUTHENTICATE EXTERNAL")
        .count();
    assert_eq!(count, 2);
}

#[tokio::test]
async fn a_certificate_that_the_server_does_not_know_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let scene = scene(folder.path(), b"another").await;
    let what = scene.listen().trouble().await.unwrap();
    assert!(
        what.starts_with("the server knows no account by my certificate"),
        "{what}"
    );
    assert!(!scene.server.came().contains(&"CAP END".to_string()));
}

#[tokio::test]
async fn a_server_without_such_a_way_knows_it_by_itself_or_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let scene = scene(folder.path(), CERTIFICATE).await;
    scene.server.forget_certificates();
    let ears = scene.sits().await;
    ears.say("#one", Text::line("here")).await.unwrap();
    let came = scene.server.came();
    assert!(
        !came.iter().any(|line| line.starts_with("AUTHENTICATE")),
        "{came:#?}"
    );
}

#[tokio::test]
async fn what_cannot_be_shown_is_told_and_nothing_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let mut scene = scene(at, CERTIFICATE).await;
    let told = async |words: &str| {
        let what = scene.listen().trouble().await.unwrap();
        assert!(what.starts_with("my certificate is of no use: "), "{what}");
        assert!(what.contains(words), "{what}");
    };
    opened(at, "irc.key", 0o604);
    told("everybody on this machine can read the key").await;
    opened(at, "irc.key", 0o640);
    write(at, "irc.key", "nothing");
    told("there is no key in").await;
    std::fs::remove_file(at.join("irc.key")).unwrap();
    told("irc.key` cannot be read (no such file").await;
    write(at, "irc.key", &pem("PRIVATE KEY", KEY));
    let ca = at.join("ca.crt");
    std::fs::rename(at.join("irc.crt"), &ca).unwrap();
    scene.settings.server.cipher = Cipher::TlsOf(ca);
    let what = scene.listen().trouble().await.unwrap();
    assert!(
        what.contains("irc.crt` cannot be read as a certificate"),
        "{what}"
    );
    assert!(scene.server.came().is_empty());
}
