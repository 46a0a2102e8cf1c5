"""The window's language: chosen from the settings or, through Qt, from the system; also for Qt's own texts."""

from PySide6.QtCore import QLibraryInfo, QLocale, Qt, QTranslator
from PySide6.QtWidgets import QApplication

from backdrop.language import right_to_left, speak, spoken


def choose(application: QApplication, language: str) -> None:
    """Use the language in the settings; "system" means the desktop's."""
    speak(language, QLocale.system().uiLanguages())
    install(application)


def install(application: QApplication) -> None:
    """Translate Qt's own texts, such as file dialogs, into the language in use, and lay out windows in its direction."""
    mirrored = right_to_left()
    application.setLayoutDirection(
        Qt.LayoutDirection.RightToLeft if mirrored else Qt.LayoutDirection.LeftToRight
    )
    QLocale.setDefault(QLocale(spoken()))
    for former in application.findChildren(QTranslator):
        application.removeTranslator(former)
        former.deleteLater()
    translator = QTranslator(application)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load(f"qtbase_{spoken()}", folder):
        application.installTranslator(translator)
