"""By which words, addresses and types ``verdict.py`` knows what a page is: tables only.

All patterns run in linear time: no repetition stands inside another.
"""

import re

from aggregator.extract import json_ld

#: a page with more text than this is no error page, challenge or login form
MOST_ERROR_CHARS = 1_500

CHALLENGE = re.compile(
    r"just a moment|attention required|checking your browser|verify(?:ing)? (?:that )?you are "
    r"(?:a )?human|are you (?:a )?(?:human|robot)|security check|ddos.guard|"
    r"access (?:to this page "
    r"has been )?denied|request unsuccessful|pardon our interruption|bot verification|robot check|"
    r"please enable (?:js|javascript|cookies)|enable javascript and cookies|un instant|"
    r"einen moment|лишь мгновение|لحظة من فضلك|التحقق من أنك",
    re.IGNORECASE,
)
CHALLENGE_MARKS = (
    "cf-challenge", "challenge-platform", "cf-browser-verification", "px-captcha", "g-recaptcha",
    "h-captcha", "_incapsula_resource", "datadome", "ddos-guard", "sucuri_cloudproxy",
)  # fmt: skip
NOT_FOUND = re.compile(
    r"\b(?:404|410)\b|(?:page|article|content|story|post|file)(?: you requested)? "
    r"(?:was |is |could |can ?)?(?:not(?: be)? found|no longer (?:available|exists)|"
    r"(?:does not|doesn.t) exist|"
    r"unavailable|removed)|not found|nothing (?:was )?found|forbidden|internal server error|"
    r"bad gateway|service unavailable|seite (?:wurde )?nicht gefunden|page (?:introuvable|non "
    r"trouvée)|página no encontrada|pagina non trovata|página não encontrada|pagina niet gevonden|"
    r"sayfa bulunamadı|страница не найдена|الصفحة غير موجودة|الصفحة (?:المطلوبة )?غير متوفرة|"
    r"^\W*(?:عذرا\W+|عفوا\W+)?ال(?:خبر|مقال|صفحة|موضوع|محتوى) غير (?:موجود|متاح|متوفر)|"
    r"لم يتم العثور|الصفحة التي تبحث|غير موجود[ةه]?$|صفحه (?:مورد نظر )?(?:یافت نشد|پیدا نشد)|"
    r"تم حذف (?:هذ[اه] )?(?:ال)(?:خبر|مقال|صفحة|موضوع|محتوى)|هذ[اه] ال(?:خبر|مقال|صفحة|موضوع|"
    r"محتوى|رابط) (?:لم [يت]عد|غير) (?:متاح|متوفر|موجود)|העמוד (?:המבוקש )?לא נמצא|הדף לא נמצא|"
    r"پەڕەکە نەدۆزرایەوە|ممنوع الوصول|الوصول ممنوع|(?:ليس لديك|لا تملك) صلاحية|"
    r"صفحہ نہیں ملا|ページが見つかりません|页面不存在|找不到页面",
    re.IGNORECASE,
)
LOGIN = re.compile(
    r"^\W*(?:log ?in|sign ?in|log on|register|create (?:an )?account|"
    r"subscribe to (?:read|continue)|subscribers? only|anmelden|einloggen|registrieren|"
    r"connexion|se connecter|iniciar sesión|"
    r"accedi|inloggen|giriş|вход|تسجيل (?:ال)?دخول|سجل (?:ال)?دخول|دخول الأعضاء|ورود)",
    re.IGNORECASE,
)
FORUM_ADDRESS = re.compile(
    r"^(?:forums?|community|boards?|discuss(?:ions?)?|talk)\.|/forums?(?:[/.?]|$)|/threads?/|"
    r"/(?:view|show)(?:topic|thread|forum)|/forumdisplay|/t/[^/]{2,}/\d+|/questions/\d+|"
    r"/topics?/\d+|/viewforum|/community/.*/.*(?:thread|\d{3,}/?$)|/bbs/|/discussions?/\d+",
    re.IGNORECASE,
)
FORUM_MAKER = re.compile(
    r"discourse|xenforo|phpbb|vbulletin|invision|ip\.?board|mybb|simple machines|vanilla|flarum|"
    r"nodebb|fluxbb|punbb|askbot|question2answer",
    re.IGNORECASE,
)
DOCS_ADDRESS = re.compile(
    r"^(?:[\w-]+\.)?docs?\.|\.gitbook\.io|\.readthedocs\.|^(?:developers?|devdocs|manual|help|"
    r"support|kb)\.[^/]+/.*(?:docs?|guide|reference|manual|articles?/\d)|/(?:docs?|documentation|"
    r"handbook|api-?reference|apidocs|javadoc)(?:/|$)|/(?:manual|help):|/(?:man|manual)/",
    re.IGNORECASE,
)
DOCS_MAKER = re.compile(
    r"docusaurus|mkdocs|sphinx|gitbook|vuepress|vitepress|docsify|mintlify|nextra|antora|"
    r"hugo.*docs|"
    r"starlight|readme\.io|doxygen|jsdoc|mdbook",
    re.IGNORECASE,
)
LISTING_ADDRESS = re.compile(
    r"/(?:categor(?:y|ies)|tags?|search|archives?|authors?|collections?|subjects?|sections?|"
    r"shop|store|catalog(?:ue)?|browse|listing|page|c|directory|rankings?|kategorie|rubrik|"
    r"categoria|tema|etiqueta|suche|recherche|buscar|تصنيف|وسم|قسم|بحث)/|[?&](?:s|q|query|search|"
    r"cat|category|tag)=|-rankings?(?:/|$)",
    re.IGNORECASE,
)
PRODUCT_ADDRESS = re.compile(
    r"/(?:products?|produkte?|produits?|productos?|prodotti|item|dp|p|sku|buy|ads?|classifieds?|"
    r"kleinanzeigen)/[^/]|/gp/product/",
    re.IGNORECASE,
)
SERVICE_ADDRESS = re.compile(
    r"/(?:services?|solutions?|pricing|plans?|locations?|contact(?:-us)?|about(?:-us)?|"
    r"careers?|jobs?|abo(?:s|nnements?)?|subscri(?:be|ptions?)|اشتراك(?:ات)?|"
    r"platform|tools?|calculators?|enterprise|industries|customers|leistungen|"
    r"dienstleistungen|preise|kontakt|impressum|servicios|soluciones|precios|tarifs|servizi|"
    r"nous-contacter|contactez-nous|contacto|contatti|qui-sommes-nous|quienes-somos|quem-somos|"
    r"chi-siamo|mentions-legales|aviso-legal|iletisim|kunye|"
    r"practice-areas?|areas-we-serve|service-areas?|terms|privacy(?:-policy)?|من-نحن|اتصل-بنا)"
    r"(?:/|\.\w{2,5}$|$)",
    re.IGNORECASE,
)
#: links of so many words, so many of them on a page without text of its own, make a list
HEADLINE_WORDS, MANY_HEADLINES, MOST_LINKS = 4, 20, 2_000
#: a text is a list where so much of it stands in boxes with linked headlines, and so much of it is
#: these links
IN_CARDS, LINKED_CARDS = 0.6, 0.15
#: so little text without a date, an author or a type is a label
FEW_WORDS = 150
#: so little text in so many pieces, none of them as long as a sentence, is a table or a form
LITTLE_TEXT, FEW_PIECES, LEAST_SENTENCE = 500, 3, 60
#: Chinese and Japanese signs, Korean syllables: one says as much as three letters
DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
#: so many prices without a date are a shop's shelf
MANY_PRICES = 12
#: longer texts without a date are read as articles, whatever they sell
MOST_OFFER_CHARS = 6_000
SILENT = frozenset(("script", "style", "noscript", "template", "svg"))
PRICE = re.compile(r"[$€£]\s?\d{1,5}(?:[.,]\d{2})?\b|\b\d{1,5}(?:[.,]\d{2})?\s?(?:€|USD|EUR)(?!\w)")
CALL = re.compile(
    r"\b(?:get|request|book|schedule) (?:a|an|your|my) (?:free |instant )?(?:quote|demo|estimate|"
    r"consultation|appointment|call)|\bfree (?:trial|consultation|estimate|quote)|"
    r"\bstart (?:your |a )?"
    r"free\b|\bbook (?:now|online)|\bget started\b|\bcontact (?:us|sales)(?: today| now)?|"
    r"\bcall us|"
    r"\btry (?:it )?(?:for )?free|\badd to (?:cart|bag|basket)|\brequest a demo|\bbuy now|"
    r"\bjetzt (?:anfragen|buchen|kaufen)|\bangebot anfordern|\bdevis gratuit|\bin den warenkorb",
    re.IGNORECASE,
)
FORUM_TYPES = frozenset(("discussionforumposting", "qapage", "question"))
PRODUCT_TYPES = frozenset(("product", "productgroup", "someproducts", "individualproduct"))

LISTING_TYPES = frozenset(
    ("collectionpage", "itemlist", "searchresultspage", "offercatalog", "store", "onlinestore")
)
BUSINESS_TYPES = frozenset(
    (
        "localbusiness", "service", "professionalservice", "softwareapplication", "webapplication",
        "financialproduct", "hotel", "restaurant", "legalservice", "realestateagent",
    )
)  # fmt: skip
ARTICLE_TYPES = frozenset(json_ld.ARTICLE_TYPES) - {"discussionforumposting"}
MACHINE_DATES = frozenset(("json_ld", "meta", "feed", "sitemap"))
