"""Which Linux this is, and the commands that install packages on it, such as the virtual camera driver."""

from backdrop.system.probe import text_of

FROM_SOURCE = (
    "git clone https://github.com/v4l2loopback/v4l2loopback && cd v4l2loopback && make && "
    "sudo make install && sudo depmod -a"
)
MANAGERS = {
    "debian": "sudo apt install",
    "fedora": "sudo dnf install",
    "arch": "sudo pacman -S --needed",
    "suse": "sudo zypper install",
}
INSTALL = {
    "debian": "sudo apt install v4l2loopback-dkms linux-headers-$(uname -r)",
    "fedora": "sudo dnf install https://mirrors.rpmfusion.org/free/fedora/rpmfusion-free-release-$(rpm -E %fedora)"
    ".noarch.rpm && sudo dnf install akmod-v4l2loopback",
    "arch": "sudo pacman -S --needed v4l2loopback-dkms linux-headers",
    "suse": "sudo zypper install v4l2loopback-kmp-default",
}
HEADERS = {
    "debian": "sudo apt install linux-headers-$(uname -r)",
    "fedora": "sudo dnf install kernel-devel-$(uname -r)",
    "arch": "sudo pacman -S --needed linux-headers",
    "suse": "sudo zypper install kernel-default-devel",
}
REBUILD = {"fedora": "sudo akmods --force"}
LIKE = {"ubuntu": "debian", "rhel": "fedora", "centos": "fedora", "opensuse": "suse", "sles": "suse"}


def fields(os_release: str) -> dict[str, str]:
    """The fields in the text of /etc/os-release."""
    found = {}
    for line in os_release.splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith("#"):
            found[name] = value.strip().strip("\"'")
    return found


def this_family() -> str:
    """The family of this computer's Linux."""
    return family(text_of("/etc/os-release") or "")


def install(kind: str, packages: str) -> str:
    """The command that installs packages on a family of Linux, "" if unknown."""
    return f"{MANAGERS[kind]} {packages}" if kind in MANAGERS else ""


def family(os_release: str) -> str:
    """The key of MANAGERS for this Linux, "" if there is none."""
    told = fields(os_release)
    for name in [told.get("ID", ""), *told.get("ID_LIKE", "").split()]:
        name = LIKE.get(name, LIKE.get(name.split("-")[0], name))
        if name in MANAGERS:
            return name
    return ""
