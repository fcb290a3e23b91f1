//! For tests only: fresh databases on both engines, contexts with a fixed clock and repeatable randomness. No product crate may
//! depend on it outside `[dev-dependencies]`.
//!
//! ```ignore
//! testkit::on_both_engines!(renames_a_group, |fixture| async move {
//!     let cx = fixture.root("sso.amazonaws.com", "UpdateInstance");
//!     …
//! });
//! ```

#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a test that cannot be set up must stop")]

pub mod elsewhere;
pub mod fixture;
pub mod postgres;
pub mod prover;
pub mod provider;
pub mod refusals;
pub mod scratch;
pub mod token_issuer;

/// Makes two tests of one body, `sqlite` and `postgres`, in a module named `$name`. The body gets a [`fixture::Fixture`].
#[macro_export]
macro_rules! on_both_engines {
    ($name:ident, $body:expr) => {
        mod $name {
            #[expect(
                clippy::allow_attributes,
                reason = "the body may use anything of its file, or nothing"
            )]
            #[allow(unused_imports)]
            use super::*;

            fn body<F: std::future::Future<Output = ()>>(
                with: impl FnOnce($crate::fixture::Fixture) -> F,
            ) -> impl FnOnce($crate::fixture::Fixture) -> F {
                with
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                body($body)($crate::fixture::Fixture::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                body($body)($crate::fixture::Fixture::postgres().await).await;
            }
        }
    };
}
