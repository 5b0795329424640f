"""Text messages through Twilio's own library; without credentials they are written down, and marked as not carried."""

from __future__ import annotations

import logging

import requests
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from alerts.channels.base import (
    Fate,
    Held,
    Message,
    NotCarried,
    Permanent,
    Sent,
    Temporary,
    Uncertain,
    said_by_carrier,
)
from alerts.wording import sms_text

log = logging.getLogger("alerts.sms")
SECONDS = 15
# Twilio error 21610: the recipient has answered STOP. https://www.twilio.com/docs/api/errors/21610
STOPPED = 21610
# Our name and token are wrong, or the account is suspended or closed: by 401, or by one of these codes.
# https://www.twilio.com/docs/api/errors/20003 (and 10001, 20005, 90010)
REFUSES_US = frozenset({20003, 10001, 20005, 90010})


class SmsChannel:
    """One text message."""

    def send(self, message: Message) -> Fate:
        with translation.override(message.language or settings.LANGUAGE_CODE):
            text = sms_text(message.body, message.stop_url)
        if not settings.TWILIO_ACCOUNT_SID:
            # Not its words: a one-time code may be among them. They stand on the ledger, which hides it.
            log.debug("text message to %s: no carrier is set", message.to)
            return NotCarried(_("Not sent by a carrier: no Twilio credentials are set."))
        try:
            sent = self._client().messages.create(to=message.to, from_=settings.TWILIO_FROM_NUMBER, body=text)
        except TwilioRestException as error:
            return _fate_of(error.status, error.code, error.msg)
        except TwilioServiceException as error:
            # The same in the form of RFC 9457.
            return _fate_of(error.status, error.code, error.detail or error.title)
        except requests.ConnectTimeout as error:
            return Temporary(_("Twilio cannot be reached: %s") % type(error).__name__)
        except requests.ConnectionError as error:
            return _broken(error)
        except (requests.RequestException, TwilioException) as error:
            return Uncertain(_("The connection to Twilio broke: %s") % type(error).__name__)
        log.debug("text message to %s handed to Twilio: %s", message.to, sent.sid)
        return Sent(reference=sent.sid or "")

    def _client(self) -> Client:
        return Client(
            settings.TWILIO_ACCOUNT_SID,
            settings.TWILIO_AUTH_TOKEN,
            http_client=TwilioHttpClient(timeout=SECONDS, max_retries=0),
        )


def _fate_of(status: int, code: int | None, said: str) -> Fate:
    if code == STOPPED:
        return Permanent(_("This number has answered STOP."), stopped=True)
    token = settings.TWILIO_AUTH_TOKEN
    # Also as it is sent, with the name.
    words = said_by_carrier(str(said), f"{settings.TWILIO_ACCOUNT_SID}:{token}" if token else "", token)
    if status == 401 or code in REFUSES_US:
        return Held(_("Twilio refuses our credentials or our account."), f"{code or status} {words}")
    sentence = _("Twilio answers %(code)s: %(words)s") % {"code": code or status, "words": words[:200]}
    if status == 429:
        return Temporary(sentence, let_in=True)
    if status == 503:
        return Temporary(sentence)
    if status >= 500:
        return Uncertain(sentence)
    return Permanent(sentence)


def _broken(error: requests.ConnectionError) -> Fate:
    """A connection that was never made sent nothing; one that broke later may have."""
    if "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error):
        return Temporary(_("Twilio cannot be reached."))
    return Uncertain(_("The connection to Twilio broke while the message was handed over."))
