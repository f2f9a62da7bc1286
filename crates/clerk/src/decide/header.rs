//! A token in the `Authorization` header (section 2.4). It never leads to a
//! handshake: who sends one is a program (deviation D4).

use super::{Decision, Judge, Question, Stop, Verdict};
use crate::{
    ApiKeyOutcome, Principal, Reason, TokenRefusal, api_key,
    verify::{self, Source},
};
use net::Secret;

impl Judge<'_> {
    pub(super) fn by_header(&self, token: &Secret) -> Result<Decision, Stop> {
        let accepts = self.request.accepts;
        let text = token.expose();
        if api_key::looks_like_one(text) {
            return if accepts.api_key { self.by_api_key(token) } else { Ok(refused(TokenRefusal::TypeMismatch)) };
        }
        if !accepts.session {
            return Ok(refused(TokenRefusal::TypeMismatch));
        }
        let token = match verify::session_token(text) {
            Ok(token) => token,
            Err(refusal) => return Ok(refused(refusal)),
        };
        Ok(match self.verify(&token, Source::Header, verify::SKEW)? {
            Ok(principal) => Decision::signed_in(principal),
            Err(TokenRefusal::Expired) => Decision::signed_out(self.expired_reason()),
            Err(TokenRefusal::NotActiveYet) => Decision::signed_out(Reason::NotBefore),
            Err(TokenRefusal::IssuedInTheFuture) => Decision::signed_out(Reason::IssuedInTheFuture),
            Err(refusal) => refused(refusal),
        })
    }

    fn by_api_key(&self, token: &Secret) -> Result<Decision, Stop> {
        match &self.known.api_key {
            None => Err(Stop::Ask(Question::ApiKey(token.clone()))),
            Some(ApiKeyOutcome::Valid(key)) => {
                Ok(Decision::of(Verdict::SignedIn(Box::new(Principal::ApiKey(key.clone())))))
            }
            Some(ApiKeyOutcome::Invalid(_)) => Ok(refused(TokenRefusal::Invalid)),
            Some(ApiKeyOutcome::Unavailable) => Err(Stop::Unavailable),
            Some(ApiKeyOutcome::Misconfigured) => Err(Stop::Misconfigured(super::Misconfigured::SecretKey)),
        }
    }
}

fn refused(refusal: TokenRefusal) -> Decision {
    Decision::signed_out(Reason::Token(refusal))
}
