"""The ways messages go. To add one: a module beside these, a line here, a line in ``alerts.choices.Channel``."""

from alerts.channels.base import ChannelSender
from alerts.channels.console import ConsoleChannel
from alerts.channels.email import EmailChannel
from alerts.channels.sms import SmsChannel
from alerts.choices import Channel

CHANNELS: dict[str, ChannelSender] = {
    Channel.EMAIL: EmailChannel(),
    Channel.SMS: SmsChannel(),
    Channel.CONSOLE: ConsoleChannel(),
}

__all__ = ["CHANNELS"]
