"""The window's language: what the system says about it through Qt, and Qt's own texts in it."""

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from backdrop.language import speak, spoken


def choose(application: QApplication, language: str) -> None:
    """Speak the language of the settings, "system" for the one that the desktop speaks."""
    speak(language, QLocale.system().uiLanguages())
    install(application)


def install(application: QApplication) -> None:
    """Give Qt's dialogs the language in use."""
    QLocale.setDefault(QLocale(spoken()))
    translator = QTranslator(application)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load(f"qtbase_{spoken()}", folder):
        application.installTranslator(translator)
