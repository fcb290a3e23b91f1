//! The accept loop: plain or TLS, HTTP/1.1 and HTTP/2, with a bound on everything that a stranger can hold on to: connections
//! ([`crate::connections`]), the time to finish a TLS handshake and a request's header, the header's size. Stops gracefully. What becomes of
//! a request is up to [`crate::answering`].

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use edge_aws::router::Peer;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use crate::answering::Answering;
use crate::connections::{Activity, Connections};
use crate::settings::Tls;
use crate::sockets::Sockets;

/// Time to finish a TLS handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Streams of an HTTP/2 connection at a time, bytes that may be on their way to one of them, and to all together before anybody asked for them.
const STREAMS_MAX: u32 = 32;
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 256 * 1024;
/// Header bytes of a request at most.
const HEADER_BYTES_MAX: usize = 64 * 1024;
/// How long requests under way may take to finish when the server stops.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(20);

/// Loads the certificate chain and key for TLS.
pub(crate) fn tls_acceptor(tls: &Tls) -> anyhow::Result<TlsAcceptor> {
    use rustls_pki_types::pem::PemObject as _;
    use rustls_pki_types::{CertificateDer, PrivateKeyDer};
    let chain = CertificateDer::pem_file_iter(&tls.cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("certificate file {}", tls.cert.display()))?;
    let key =
        PrivateKeyDer::from_pem_file(&tls.key).with_context(|| format!("key file {}", tls.key.display()))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("the certificate and the key do not fit together")?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// What every connection is served with. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Service {
    pub(crate) answering: Arc<Answering>,
    pub(crate) tls: Option<TlsAcceptor>,
    /// How long a connection that has brought a request may be without one.
    pub(crate) idle: Duration,
}

/// Serves on `sockets` until `stop` resolves, then lets requests under way finish.
pub(crate) async fn serve(
    sockets: Sockets,
    service: Service,
    connections: Connections,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let graceful = Arc::new(GracefulShutdown::new());
    let mut stop = std::pin::pin!(stop);
    loop {
        let next = async { Ok::<_, anyhow::Error>((connections.room().await?, sockets.accept().await)) };
        let (room, accepted) = tokio::select! {
            () = &mut stop => break,
            next = next => next?,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, most likely: wait for some to come free instead of spinning.
                tracing::warn!(%error, "accept failed");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Some(place) = connections.admit(room, peer.ip()) else { continue };
        let (service, watcher) = (service.clone(), graceful.watcher());
        tokio::spawn(async move {
            connection(stream, peer, service, watcher).await;
            drop(place);
        });
    }
    drop(sockets);
    if let Ok(graceful) = Arc::try_unwrap(graceful) {
        let _ = tokio::time::timeout(DRAIN_TIMEOUT, graceful.shutdown()).await;
    }
    Ok(())
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    service: Service,
    watcher: hyper_util::server::graceful::Watcher,
) {
    let _ = stream.set_nodelay(true);
    let activity = Activity::new(service.idle);
    let (seen, tls, builder) = (activity.clone(), service.tls, protocols(service.idle));
    let (answering, at, peer) = (service.answering, peer, Peer::new(peer, tls.is_some()));
    let service = hyper::service::service_fn(move |request| {
        let (under_way, answering, peer) = (seen.request(), answering.clone(), peer.clone());
        async move {
            let answer = answering.answer(request, peer).await;
            drop(under_way);
            Ok::<_, Infallible>(answer)
        }
    });
    let serving = async {
        match tls {
            None => watcher.watch(builder.serve_connection(TokioIo::new(stream), service).into_owned()).await,
            Some(acceptor) => {
                let stream = tokio::time::timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await??;
                watcher.watch(builder.serve_connection(TokioIo::new(stream), service).into_owned()).await
            }
        }
    };
    // hyper's own time for a header begins when it knows the version of HTTP, for which it waits without end.
    tokio::select! {
        ended = serving => if let Err(error) = ended {
            tracing::debug!(%error, peer = %at, "connection ended");
        },
        () = activity.idle() => tracing::debug!(peer = %at, "connection ended: no request"),
    }
}

/// HTTP/1.1 and HTTP/2 within bounds. hyper's time for a header of HTTP/1.1 runs while a connection idles, too; that of the first one is up to
/// [`Activity`].
fn protocols(idle: Duration) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(idle + HANDSHAKE_TIMEOUT)
        .max_buf_size(HEADER_BYTES_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(HEADER_BYTES_MAX).unwrap_or(u32::MAX))
        .max_concurrent_streams(STREAMS_MAX)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .keep_alive_interval(Some(Duration::from_secs(30)));
    builder
}
