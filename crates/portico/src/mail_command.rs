//! `portico mail-test`: sends one letter by the settings that `serve` would use, now and not as a row, and says what is wrong in words that an
//! administrator can act on. Works beside a server that runs; touches no database.

use anyhow::{Context as _, bail};
use model::clock::Clock as _;
use model::entropy::{SystemEntropy, uuid};
use model::signin::letter::{Letter, MailAddress};

use crate::cli::MailTest;
use crate::clock::SystemClock;
use crate::mail_settings;
use crate::settings::{File, check_public_url};

/// Runs `portico mail-test`.
#[expect(clippy::print_stdout, reason = "the command's answer")]
pub(crate) async fn test(test: MailTest) -> anyhow::Result<()> {
    let file = File::read(&test.place)?;
    let to = MailAddress::parse(&test.to).map_err(|fault| anyhow::anyhow!("{}", fault.message()))?;
    let public_url = test.public_url.or(file.public_url).map(|url| check_public_url(&url)).transpose()?;
    let mailer = mail_settings::mailer(test.mail, file.mail, public_url.as_deref())?.context(
        "mail is not set up: name a server with mail.smtp and a sender with mail.from, in portico.toml or by --mail-smtp and --mail-from",
    )?;
    let place = public_url.as_deref().and_then(mail_settings::host_of);
    let text = signin::letters::test(place.as_deref().unwrap_or("this machine"));
    let letter = Letter {
        id: uuid(&SystemEntropy::default()).to_string(),
        to,
        subject: text.subject,
        text: text.plain,
        html: text.html,
        written_at: SystemClock.now(),
    };
    match mailer.deliver(&letter).await {
        Ok(()) => {
            println!(
                "The mail server took the letter to {}. Look whether it arrives: what happens to it behind that server, Portico does not hear.",
                letter.to
            );
            Ok(())
        }
        Err(undelivered) => bail!("{undelivered}\n{}", undelivered.step.advice()),
    }
}
