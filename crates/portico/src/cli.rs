//! The command line, as contract and help text. What is a setting has a `PORTICO_…` variable and, for `serve`, a key in `portico.toml`; a flag wins over
//! the variable, the variable over the file.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Portico: a self-hosted identity center, wire-compatible with AWS IAM Identity Center.
#[derive(Debug, Parser)]
#[command(name = "portico", version, about, propagate_version = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a new instance in a data directory and print its secrets, once.
    Init(Box<Init>),
    /// Serve an instance.
    Serve(Box<Serve>),
    /// Bring the database's schema up to this program's version.
    Migrate(Where),
    /// Make void everything issued before now: sessions, tokens, client registrations and role credentials.
    RevokeIssued(Where),
    /// The access key of the management account's root, by whoever holds the data directory. Works beside a server that runs.
    RootAccessKey {
        #[command(subcommand)]
        command: RootAccessKey,
    },
    /// The keys of an instance, by whoever holds the data directory. Works beside servers that run.
    Keys {
        #[command(subcommand)]
        command: Keys,
    },
    /// Send one letter by the mail settings of an instance, and say what is wrong with them.
    MailTest(MailTest),
    /// Read an AWS IAM Identity Center through its API into a seed file for `init`. Credentials come from AWS_ACCESS_KEY_ID,
    /// AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN. Ends with 2 when the file lacks something, which it names.
    ImportAws(ImportAws),
    /// Read a running instance of Portico through its API into a seed file, as `import-aws` does.
    Export(Export),
    /// Make a running instance of Portico as a seed file says, through its API: says what it would do, asks, does it. What the file does not
    /// name is left alone.
    Apply(Apply),
    /// The audit trail.
    Audit {
        #[command(subcommand)]
        command: Audit,
    },
    /// Another Region of an instance.
    Region {
        #[command(subcommand)]
        command: Region,
    },
    /// Print the version.
    Version,
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// What to do with the root's access keys.
#[derive(Debug, Subcommand)]
pub(crate) enum RootAccessKey {
    /// Make a new key and print it, once. All others end.
    Rotate(Where),
    /// End all keys of the root.
    Disable(Where),
}

/// What to do with the keys of an instance.
#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Say who keeps the root key, which data keys there are, and how much each has sealed.
    List(Where),
    /// Make a new data key, take it into use, and seal with it what is kept. Nobody is signed out.
    Rotate(Where),
    /// Believe nothing any more that a former data key sealed or signed: sessions, tokens and cookies that it made end.
    Retire(Retire),
    /// Make a new root key, and seal the data keys with it.
    RotateRoot(RotateRoot),
    /// Make a new key that the instance signs with. It is published at once and signs later, so that whoever keeps a copy has it by then.
    RotateSigning(RotateSigning),
    /// Publish a signing key no more: what it signed is not believed any longer.
    RetireSigning(RetireSigning),
}

/// `portico keys rotate-signing`
#[derive(Debug, Args)]
pub(crate) struct RotateSigning {
    #[command(flatten)]
    pub(crate) place: Where,
    /// What it signs: assertions for roles in `accounts`, ID tokens for `applications` (CreateTokenWithIAM), requests to external identity `providers`.
    #[arg(value_enum)]
    pub(crate) purpose: SigningPurpose,
    /// Hours until it signs.
    #[arg(long, value_name = "HOURS", default_value_t = 24, value_parser = clap::value_parser!(u32).range(..=8_760))]
    pub(crate) after: u32,
}

/// What a signing key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SigningPurpose {
    /// Assertions for roles in accounts.
    Accounts,
    /// ID tokens of applications.
    Applications,
    /// Requests to identity providers.
    Providers,
}

/// `portico keys retire-signing`
#[derive(Debug, Args)]
pub(crate) struct RetireSigning {
    #[command(flatten)]
    pub(crate) place: Where,
    /// Which key, as `portico keys list` names it.
    #[arg(value_name = "KEY")]
    pub(crate) id: String,
}

/// `portico keys retire`
#[derive(Debug, Args)]
pub(crate) struct Retire {
    #[command(flatten)]
    pub(crate) place: Where,
    /// Which data key.
    #[arg(value_name = "NUMBER")]
    pub(crate) number: u32,
    /// Give up whatever is still sealed with it.
    #[arg(long)]
    pub(crate) force: bool,
}

/// `portico keys rotate-root`
#[derive(Debug, Args)]
pub(crate) struct RotateRoot {
    #[command(flatten)]
    pub(crate) place: Where,
    /// Who is to keep it: `file`, or the address of an AES key in a PKCS #11 token (RFC 7512), which is made if it is not there:
    /// `pkcs11:token=LABEL;object=LABEL?module-path=FILE&pin-source=FILE`. By default who keeps it now.
    #[arg(long, value_name = "KEEPER")]
    pub(crate) to: Option<String>,
}

/// What to do with another Region.
#[derive(Debug, Subcommand)]
pub(crate) enum Region {
    /// Make an empty PostgreSQL database follow the primary Region's, by logical replication; `portico serve` on it is that Region then. The Region must
    /// have been added (`aws sso-admin add-region`), and the data directory hold a copy of the primary's `portico.key`.
    Follow(Follow),
}

/// `portico region follow`
#[derive(Debug, Args)]
pub(crate) struct Follow {
    #[command(flatten)]
    pub(crate) place: Where,
    /// Which Region this is.
    #[arg(long, env = "PORTICO_REGION", value_name = "REGION")]
    pub(crate) region: String,
    /// The primary's database, `postgres://…`, as this host and this Region's database server reach it. The database server keeps it.
    #[arg(long, env = "PORTICO_PRIMARY_DATABASE", value_name = "URL", hide_env_values = true)]
    pub(crate) primary_database: String,
    /// How clients and browsers reach the primary Region: what whoever wants to change something here is told.
    #[arg(long, env = "PORTICO_PRIMARY_URL", value_name = "URL")]
    pub(crate) primary_url: String,
}

/// `portico import-aws`
#[derive(Debug, Args)]
pub(crate) struct ImportAws {
    /// The Region that the instance is in.
    #[arg(long, env = "AWS_REGION", value_name = "REGION")]
    pub(crate) region: String,
    /// Another place than AWS's own to ask.
    #[arg(long, env = "AWS_ENDPOINT_URL", value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
    /// Which instance, where there are several.
    #[arg(long, value_name = "ARN")]
    pub(crate) instance_arn: Option<String>,
    /// The file to make: YAML if its name ends in .yaml or .yml, otherwise JSON documents, which `init` reads as they come: for many people.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// `portico export`
#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    pub(crate) server: Running,
    /// The file to make: YAML if its name ends in .yaml or .yml, otherwise JSON documents, which `init` reads as they come: for many people.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// `portico apply`
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
#[derive(Debug, Args)]
pub(crate) struct Apply {
    /// The seed file.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) server: Running,
    /// The file as it was applied before: what it names and FILE no longer does is deleted.
    #[arg(long, value_name = "FORMER")]
    pub(crate) prune: Option<PathBuf>,
    /// Do not ask.
    #[arg(long)]
    pub(crate) yes: bool,
    /// Say what would be done, and do nothing.
    #[arg(long, conflicts_with = "yes")]
    pub(crate) plan: bool,
    /// Go by names alone: for a file that was read from another instance.
    #[arg(long)]
    pub(crate) ignore_ids: bool,
    /// Leave out what apply cannot do, such as passwords, and say what that is.
    #[arg(long)]
    pub(crate) leave_out: bool,
}

/// A server that runs.
#[derive(Debug, Args)]
pub(crate) struct Running {
    /// Where it is.
    #[arg(long, env = "AWS_ENDPOINT_URL", value_name = "URL")]
    pub(crate) endpoint_url: String,
    /// Its Region.
    #[arg(long, env = "AWS_REGION", value_name = "REGION", default_value = "us-east-1")]
    pub(crate) region: String,
}

/// What to do with the audit trail.
#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Show that no piece of it was altered or lost; works beside servers that run. Fails when one was.
    Verify(Verify),
}

/// `portico audit verify`
#[derive(Debug, Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    pub(crate) place: Where,
    /// A digest that was printed before and kept elsewhere: it must be that of a piece that is there. May be given several times.
    #[arg(long, value_name = "DIGEST")]
    pub(crate) holds: Vec<String>,
}

/// `portico mail-test`
#[derive(Debug, Args)]
pub(crate) struct MailTest {
    #[command(flatten)]
    pub(crate) place: Where,
    /// Who gets the letter.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) to: String,
    /// How clients and browsers reach the server: its host is the name by which the mail server is greeted.
    #[arg(long, env = "PORTICO_PUBLIC_URL", value_name = "URL")]
    pub(crate) public_url: Option<String>,
    #[command(flatten)]
    pub(crate) mail: Mail,
}

/// How letters leave.
#[derive(Debug, Default, Args)]
pub(crate) struct Mail {
    /// The server that takes letters: `smtps://USER@HOST` (TLS) or `smtp://USER@HOST` (STARTTLS). Without it nothing is mailed.
    #[arg(long, env = "PORTICO_MAIL_SMTP", value_name = "URL")]
    pub(crate) mail_smtp: Option<String>,
    /// Who letters are from: `ADDRESS` or `NAME <ADDRESS>`.
    #[arg(long, env = "PORTICO_MAIL_FROM", value_name = "SENDER")]
    pub(crate) mail_from: Option<String>,
    /// File that holds the password of the mail server's user; `PORTICO_MAIL_PASSWORD` holds it otherwise.
    #[arg(long, env = "PORTICO_MAIL_PASSWORD_FILE", value_name = "FILE")]
    pub(crate) mail_password_file: Option<PathBuf>,
    /// Certificates (PEM) of the authorities that the mail server's certificate may be of, instead of the system's.
    #[arg(long, env = "PORTICO_MAIL_CA", value_name = "FILE")]
    pub(crate) mail_ca: Option<PathBuf>,
}

/// Where the state is.
#[derive(Debug, Clone, Args)]
pub(crate) struct Where {
    /// Directory of the root key, the configuration and, by default, the database.
    #[arg(long, env = "PORTICO_DATA_DIR", value_name = "DIR")]
    pub(crate) data_dir: PathBuf,
    /// `postgres://…` or `sqlite://PATH`; by default SQLite in the data directory.
    #[arg(long, env = "PORTICO_DATABASE", value_name = "URL", hide_env_values = true)]
    pub(crate) database: Option<String>,
    /// Configuration file; by default `portico.toml` in the data directory, if it is there.
    #[arg(long, env = "PORTICO_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// `portico init`
#[derive(Debug, Args)]
pub(crate) struct Init {
    #[command(flatten)]
    pub(crate) place: Where,
    /// Accounts, people, permission sets and assignments to begin with (YAML, or JSON documents one after another); `-` reads standard
    /// input.
    #[arg(long, env = "PORTICO_SEED", value_name = "FILE")]
    pub(crate) seed: Option<PathBuf>,
    /// The management account's id, twelve digits; a random one otherwise.
    #[arg(long, env = "PORTICO_MANAGEMENT_ACCOUNT_ID", value_name = "ID")]
    pub(crate) management_account_id: Option<String>,
    /// The user name of the first administrator. A user of the seed with this name is the administrator only if the seed gives them the
    /// administrator's permission set.
    #[arg(long, env = "PORTICO_ADMINISTRATOR", value_name = "NAME", default_value = "admin")]
    pub(crate) administrator: String,
    /// Begin anew in the place of an instance that nobody has used: for when nobody has seen the secrets that `init` printed.
    #[arg(long)]
    pub(crate) anew: bool,
    /// The Region that clients sign for.
    #[arg(long, env = "PORTICO_REGION", default_value = "us-east-1")]
    pub(crate) region: String,
    /// How clients and browsers reach the server.
    #[arg(long, env = "PORTICO_PUBLIC_URL", value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// `relaxed` lifts AWS's limits that only annoy, `strict` keeps them.
    #[arg(long, env = "PORTICO_MODE", value_name = "MODE")]
    pub(crate) mode: Option<String>,
    /// Whom `init` may ask: identity providers of the seed.
    #[command(flatten)]
    pub(crate) outbound: Outbound,
    /// How to print what was made.
    #[arg(long, env = "PORTICO_OUTPUT", value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,
}

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// One JSON object on standard output.
    Json,
    /// For people.
    Text,
}

/// `portico serve`
#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) place: Where,
    /// Address to listen on.
    #[arg(long, env = "PORTICO_LISTEN", value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// How clients and browsers reach the server; by default the listening address.
    #[arg(long, env = "PORTICO_PUBLIC_URL", value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// Certificate chain (PEM) to serve TLS with.
    #[arg(long, env = "PORTICO_TLS_CERT", value_name = "FILE")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// Private key (PEM) of that certificate.
    #[arg(long, env = "PORTICO_TLS_KEY", value_name = "FILE")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Another start URL that means this instance; may be given several times.
    #[arg(
        long = "start-url-alias",
        env = "PORTICO_START_URL_ALIAS",
        value_name = "URL",
        value_delimiter = ','
    )]
    pub(crate) start_url_alias: Vec<String>,
    /// `relaxed` lifts AWS's limits that only annoy, `strict` keeps them.
    #[arg(long, env = "PORTICO_MODE", value_name = "MODE")]
    pub(crate) mode: Option<String>,
    /// Address of a reverse proxy whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed; may be given several times.
    #[arg(
        long = "trusted-proxy",
        env = "PORTICO_TRUSTED_PROXY",
        value_name = "ADDRESS",
        value_delimiter = ','
    )]
    pub(crate) trusted_proxy: Vec<std::net::IpAddr>,
    /// Seconds that a connection may idle between requests; by default 75.
    #[arg(long, env = "PORTICO_IDLE_TIMEOUT", value_name = "SECONDS")]
    pub(crate) idle_timeout: Option<u64>,
    /// In a Region that follows: seconds that it may be behind the primary before it answers nothing any more, since it would not know what was taken
    /// away there; by default 900.
    #[arg(long, env = "PORTICO_MAX_LAG", value_name = "SECONDS")]
    pub(crate) max_lag: Option<u64>,
    /// Answer `/metrics` to everyone, not to this machine only.
    #[arg(long, env = "PORTICO_METRICS_PUBLIC")]
    pub(crate) metrics_public: bool,
    /// How the audit trail is kept.
    #[command(flatten)]
    pub(crate) trail: Trail,
    /// How letters leave.
    #[command(flatten)]
    pub(crate) mail: Mail,
    /// Whom the server may ask.
    #[command(flatten)]
    pub(crate) outbound: Outbound,
    /// Log as JSON lines.
    #[arg(long, env = "PORTICO_LOG_JSON")]
    pub(crate) log_json: bool,
}

/// Whom the server may ask.
#[derive(Debug, Default, Args)]
pub(crate) struct Outbound {
    /// Host or network (`idp.internal.example`, `10.2.0.0/16`) that identity providers may be asked at although it is private; may be given several times.
    #[arg(long, env = "PORTICO_OUTBOUND_ALLOW", value_name = "HOST", value_delimiter = ',')]
    pub(crate) outbound_allow: Vec<String>,
    /// Certificates (PEM) of authorities that identity providers' certificates may be of, beside the system's; may be given several times.
    #[arg(long, env = "PORTICO_OUTBOUND_CA_FILES", value_name = "FILE", value_delimiter = ',')]
    pub(crate) outbound_ca_files: Vec<PathBuf>,
}

/// How the audit trail is kept.
#[derive(Debug, Default, Args)]
pub(crate) struct Trail {
    /// Days that records of reads, refusals and calls without credentials are kept; 0 is for ever [default: 90].
    #[arg(long, env = "PORTICO_AUDIT_KEEP_DAYS", value_name = "DAYS")]
    pub(crate) audit_keep_days: Option<u32>,
    /// Days that records of changes and issued credentials are kept; 0 is for ever [default: 0]. Needs --audit-export.
    #[arg(long, env = "PORTICO_AUDIT_KEEP_CHANGES_DAYS", value_name = "DAYS")]
    pub(crate) audit_keep_changes_days: Option<u32>,
    /// Directory that records are written to before they are removed, one file a day.
    #[arg(long, env = "PORTICO_AUDIT_EXPORT", value_name = "DIR")]
    pub(crate) audit_export: Option<PathBuf>,
    /// Mebibytes by which strangers may make the trail grow in a day before their refusals are only counted [default: 64].
    #[arg(long, env = "PORTICO_AUDIT_STRANGERS_MIB", value_name = "MIB")]
    pub(crate) audit_strangers_mib: Option<u32>,
}
