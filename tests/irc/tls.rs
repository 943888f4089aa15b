//! Encryption: whom nobody vouches for is not trusted, and whom the operator vouches for is.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use boson::http::Cipher;
use boson::model::Text;
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;

use super::scene::{Scene, clock};
use super::stand_in::{Server, Settings};

pub const CERTIFICATE: &[u8] = include_bytes!("../stand_in/self-signed.der");
pub const KEY: &[u8] = include_bytes!("../stand_in/self-signed-key.der");

/// As it stands in files.
pub fn pem(what: &str, bytes: &[u8]) -> String {
    let coded = STANDARD.encode(bytes);
    format!("-----BEGIN {what}-----\n{coded}\n-----END {what}-----\n")
}

async fn scene(cipher: Cipher) -> Scene {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CERTIFICATE.to_vec().into()],
            PrivateKeyDer::try_from(KEY.to_vec()).unwrap(),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let clock = clock();
    let server = Server::on(Settings::default(), clock.clone(), move |stream| {
        let acceptor = acceptor.clone();
        async move { acceptor.accept(stream).await.ok() }
    });
    let mut scene = Scene::at(server.await, clock);
    scene.settings.server.cipher = cipher;
    scene
}

#[tokio::test]
async fn whom_nobody_vouches_for_is_not_trusted() {
    let scene = scene(Cipher::Tls).await;
    let what = scene.listen().trouble().await.unwrap();
    assert!(
        what.starts_with("the connection to localhost cannot be encrypted"),
        "{what}"
    );
    assert!(scene.server.came().is_empty());
}

#[tokio::test]
async fn whom_the_operator_vouches_for_is_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, pem("CERTIFICATE", CERTIFICATE)).unwrap();
    let scene = scene(Cipher::TlsOf(file.clone())).await;
    let ears = scene.sits().await;
    ears.say("#one", Text::line("in secret")).await.unwrap();
    assert_eq!(scene.said("#one", 1).await, ["in secret"]);
    std::fs::write(&file, "nothing").unwrap();
    let what = scene.listen().trouble().await.unwrap();
    assert!(what.contains("there is no certificate in"), "{what}");
}

#[tokio::test]
async fn a_server_without_tls_says_so() {
    let mut scene = Scene::new().await;
    scene.settings.server.cipher = Cipher::Tls;
    // Some say something at once, some wait.
    scene.server.shut(Some("too many"));
    let what = scene.listen().trouble().await.unwrap();
    assert!(what.contains("cannot be encrypted"), "{what}");
}
