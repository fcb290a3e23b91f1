//! SAML 2.0: canonical XML, signatures, assertions.
