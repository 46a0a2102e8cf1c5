"""Secure Boot: whether the kernel rejects drivers that are not signed with a key it trusts."""

from dataclasses import dataclass
from pathlib import Path

from backdrop.system.probe import bytes_of, said_by, text_of

VARIABLE = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
LOCKDOWN = "/sys/kernel/security/lockdown"
# Where Debian's dkms, Ubuntu and Fedora's akmods keep the key with which they sign the drivers they build.
KEYS = (
    "/var/lib/dkms/mok.pub",
    "/var/lib/shim-signed/mok/MOK.der",
    "/etc/pki/akmods/certs/public_key.der",
)


@dataclass(frozen=True, slots=True)
class SecureBoot:
    """refuses: unsigned drivers are rejected. key: file of the key that signs drivers built on this computer, "" if there
    is none. trusted: the firmware knows that key; None if unknown."""

    refuses: bool = False
    key: str = ""
    trusted: bool | None = None


def secure_boot() -> SecureBoot:
    """The state of this computer."""
    refuses = refuses_unsigned(bytes_of(VARIABLE), said_by("mokutil", "--sb-state"), text_of(LOCKDOWN) or "")
    key = next((each for each in KEYS if Path(each).exists()), "")
    return SecureBoot(refuses, key, is_trusted(said_by("mokutil", "--test-key", key)) if key else None)


def refuses_unsigned(variable: bytes | None, state: str, lockdown: str) -> bool:
    """Whether unsigned drivers are rejected. variable: the EFI variable SecureBoot (four bytes of attributes, then the
    value). state: the output of `mokutil --sb-state`. lockdown: of the kernel, as "none [integrity] confidentiality"."""
    if "disabled in shim" in state:
        return False
    if "[integrity]" in lockdown or "[confidentiality]" in lockdown or "SecureBoot enabled" in state:
        return True
    return variable is not None and variable[4:5] == b"\x01"


def is_trusted(tested: str) -> bool | None:
    """Whether the firmware knows the key. tested: the output of `mokutil --test-key`."""
    if "is not enrolled" in tested:
        return False
    return True if "already enrolled" in tested else None
