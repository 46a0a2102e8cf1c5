"""Secure Boot: whether the kernel refuses drivers that nobody it trusts has signed."""

from dataclasses import dataclass
from pathlib import Path

from backdrop.system.probe import bytes_of, said_by, text_of

VARIABLE = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
LOCKDOWN = "/sys/kernel/security/lockdown"
# Where Debian's dkms, Ubuntu and Fedora's akmods keep the key that they sign what they build with.
KEYS = (
    "/var/lib/dkms/mok.pub",
    "/var/lib/shim-signed/mok/MOK.der",
    "/etc/pki/akmods/certs/public_key.der",
)


@dataclass(frozen=True, slots=True)
class SecureBoot:
    """refuses: unsigned drivers are not loaded. key: the file of the key that drivers built here are signed with, ""
    where there is none. trusted: the firmware knows that key; None where that cannot be told."""

    refuses: bool = False
    key: str = ""
    trusted: bool | None = None


def secure_boot() -> SecureBoot:
    """What this computer tells."""
    refuses = refuses_unsigned(bytes_of(VARIABLE), said_by("mokutil", "--sb-state"), text_of(LOCKDOWN) or "")
    key = next((each for each in KEYS if Path(each).exists()), "")
    return SecureBoot(refuses, key, is_trusted(said_by("mokutil", "--test-key", key)) if key else None)


def refuses_unsigned(variable: bytes | None, state: str, lockdown: str) -> bool:
    """From the EFI variable SecureBoot (four bytes of attributes, then the value), `mokutil --sb-state`, and the
    kernel's lockdown such as "none [integrity] confidentiality"."""
    if "disabled in shim" in state:
        return False
    if "[integrity]" in lockdown or "[confidentiality]" in lockdown or "SecureBoot enabled" in state:
        return True
    return variable is not None and variable[4:5] == b"\x01"


def is_trusted(tested: str) -> bool | None:
    """From what `mokutil --test-key` prints."""
    if "is not enrolled" in tested:
        return False
    return True if "already enrolled" in tested else None
