//! Sign-in, device and consent pages and the AWS access portal (HTML).
