"""Which XBRL concepts make which line of a statement.

Companies choose their own tags for one thing, and change them over the years (Apple's sales: SalesRevenueNet until
2018, RevenueFromContractWithCustomerExcludingAssessedTax since). A line names its concepts in order of preference: a
total before its parts, the tag of the statement's face before that of a note. Concepts are those of the US GAAP
Financial Reporting Taxonomy (FASB) and, last, the IFRS taxonomy's for foreign private issuers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Statement: TypeAlias = Literal["income", "balance", "cash", "share"]
# flow: adds up over time. stock: of one day. average: a mean over time. per_share: does not add up at all.
Nature: TypeAlias = Literal["flow", "stock", "average", "per_share", "dividend"]


@dataclass(frozen=True, slots=True)
class Line:
    """One standard line. ``otherwise``: signed lines that make it where no concept of its own is told; a line with
    a trailing question mark may be missing from the sum where another of them is there."""

    name: str
    label: str
    statement: Statement
    nature: Nature
    concepts: tuple[str, ...] = ()
    otherwise: tuple[tuple[int, str], ...] = ()
    strong: bool = False  # a total, set off on the page
    shown: bool = True  # on the statement; else only ratios use it

    @property
    def unit(self) -> str:
        """Which facts count: an amount of money, of money a share, or a number of shares."""
        if self.nature in ("per_share", "dividend"):
            return "per share"
        return "shares" if self.statement == "share" else "money"


def _gaap(*names: str) -> tuple[str, ...]:
    return tuple(name if ":" in name else f"us-gaap:{name}" for name in names)


def _flow(name: str, label: str, *concepts: str, strong: bool = False, shown: bool = True,
          otherwise: tuple[tuple[int, str], ...] = ()) -> Line:  # fmt: skip
    return Line(name, label, "income", "flow", _gaap(*concepts), otherwise, strong, shown)


def _cash(name: str, label: str, *concepts: str, strong: bool = False, shown: bool = True,
          otherwise: tuple[tuple[int, str], ...] = ()) -> Line:  # fmt: skip
    return Line(name, label, "cash", "flow", _gaap(*concepts), otherwise, strong, shown)


def _stock(name: str, label: str, *concepts: str, strong: bool = False, shown: bool = True,
           otherwise: tuple[tuple[int, str], ...] = ()) -> Line:  # fmt: skip
    return Line(name, label, "balance", "stock", _gaap(*concepts), otherwise, strong, shown)


INCOME = (
    _flow("revenue", "revenue", "Revenues", "RevenueFromContractWithCustomerExcludingAssessedTax",
          "RevenueFromContractWithCustomerIncludingAssessedTax", "SalesRevenueNet", "SalesRevenueGoodsNet",
          "SalesRevenueServicesNet", "RevenuesNetOfInterestExpense", "ifrs-full:Revenue", strong=True),
    _flow("cost_of_revenue", "cost of revenue", "CostOfRevenue", "CostOfGoodsAndServicesSold", "CostOfGoodsSold",
          "CostOfServices", "ifrs-full:CostOfSales"),
    _flow("gross_profit", "gross profit", "GrossProfit", "ifrs-full:GrossProfit", strong=True,
          otherwise=((1, "revenue"), (-1, "cost_of_revenue"))),
    _flow("research", "research and development", "ResearchAndDevelopmentExpense",
          "ResearchAndDevelopmentExpenseExcludingAcquiredInProcessCost", "ifrs-full:ResearchAndDevelopmentExpense"),
    _flow("selling", "sales and marketing", "SellingAndMarketingExpense"),
    _flow("general", "general and administrative", "GeneralAndAdministrativeExpense"),
    _flow("overhead", "selling, general, admin.", "SellingGeneralAndAdministrativeExpense",
          "ifrs-full:SellingGeneralAndAdministrativeExpense"),
    _flow("operating_expenses", "operating expenses", "OperatingExpenses"),
    _flow("all_costs", "costs and expenses", "CostsAndExpenses"),
    _flow("operating_income", "operating income", "OperatingIncomeLoss",
          "ifrs-full:ProfitLossFromOperatingActivities", strong=True),
    _flow("interest_expense", "interest expense", "InterestExpense", "InterestExpenseNonoperating",
          "InterestExpenseDebt", "ifrs-full:FinanceCosts"),
    _flow("other_income", "other income, net", "NonoperatingIncomeExpense", "OtherNonoperatingIncomeExpense"),
    _flow("pretax_income", "income before tax",
          "IncomeLossFromContinuingOperationsBeforeIncomeTaxesExtraordinaryItemsNoncontrollingInterest",
          "IncomeLossFromContinuingOperationsBeforeIncomeTaxesMinorityInterestAndIncomeLossFromEquityMethodInvestments",
          "IncomeLossFromContinuingOperationsBeforeIncomeTaxesDomestic", "ifrs-full:ProfitLossBeforeTax"),
    _flow("income_tax", "income tax", "IncomeTaxExpenseBenefit",
          "ifrs-full:IncomeTaxExpenseContinuingOperations"),
    _flow("net_income", "net income", "NetIncomeLoss", "ProfitLoss",
          "ifrs-full:ProfitLossAttributableToOwnersOfParent", "ifrs-full:ProfitLoss", strong=True),
    _flow("net_income_common", "net income to common", "NetIncomeLossAvailableToCommonStockholdersBasic",
          shown=False, otherwise=((1, "net_income"),)),
)  # fmt: skip

CASH = (
    _cash("cash_from_operations", "cash from operations", "NetCashProvidedByUsedInOperatingActivities",
          "NetCashProvidedByUsedInOperatingActivitiesContinuingOperations",
          "ifrs-full:CashFlowsFromUsedInOperatingActivities", strong=True),
    _cash("depreciation", "depreciation, amortization", "DepreciationDepletionAndAmortization",
          "DepreciationAmortizationAndAccretionNet", "DepreciationAndAmortization", "Depreciation",
          "ifrs-full:DepreciationAndAmortisationExpense"),
    _cash("stock_compensation", "share-based compensation", "ShareBasedCompensation"),
    _cash("capital_expenditure", "capital expenditure", "PaymentsToAcquirePropertyPlantAndEquipment",
          "PaymentsToAcquireProductiveAssets",
          "ifrs-full:PurchaseOfPropertyPlantAndEquipmentClassifiedAsInvestingActivities"),
    _cash("acquisitions", "acquisitions", "PaymentsToAcquireBusinessesNetOfCashAcquired"),
    _cash("cash_from_investing", "cash from investing", "NetCashProvidedByUsedInInvestingActivities",
          "NetCashProvidedByUsedInInvestingActivitiesContinuingOperations",
          "ifrs-full:CashFlowsFromUsedInInvestingActivities", strong=True),
    _cash("dividends_paid", "dividends paid", "PaymentsOfDividends", "PaymentsOfDividendsCommonStock",
          "ifrs-full:DividendsPaidClassifiedAsFinancingActivities"),
    _cash("buybacks", "shares bought back", "PaymentsForRepurchaseOfCommonStock"),
    _cash("debt_issued", "debt issued", "ProceedsFromIssuanceOfLongTermDebt", "ProceedsFromIssuanceOfDebt"),
    _cash("debt_repaid", "debt repaid", "RepaymentsOfLongTermDebt", "RepaymentsOfDebt"),
    _cash("cash_from_financing", "cash from financing", "NetCashProvidedByUsedInFinancingActivities",
          "NetCashProvidedByUsedInFinancingActivitiesContinuingOperations",
          "ifrs-full:CashFlowsFromUsedInFinancingActivities", strong=True),
    _cash("free_cash_flow", "free cash flow", strong=True,
          otherwise=((1, "cash_from_operations"), (-1, "capital_expenditure"))),
)  # fmt: skip

BALANCE = (
    _stock("cash", "cash and equivalents", "CashAndCashEquivalentsAtCarryingValue", "Cash",
           "CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents", "ifrs-full:CashAndCashEquivalents"),
    _stock("short_investments", "marketable securities", "MarketableSecuritiesCurrent", "ShortTermInvestments",
           "AvailableForSaleSecuritiesCurrent", "AvailableForSaleSecuritiesDebtSecuritiesCurrent"),
    _stock("receivables", "receivables", "AccountsReceivableNetCurrent", "ReceivablesNetCurrent",
           "ifrs-full:TradeAndOtherCurrentReceivables"),
    _stock("inventory", "inventory", "InventoryNet", "ifrs-full:Inventories"),
    _stock("current_assets", "current assets", "AssetsCurrent", "ifrs-full:CurrentAssets", strong=True),
    _stock("property", "property and equipment", "PropertyPlantAndEquipmentNet",
           "PropertyPlantAndEquipmentAndFinanceLeaseRightOfUseAssetAfterAccumulatedDepreciationAndAmortization",
           "ifrs-full:PropertyPlantAndEquipment"),
    _stock("long_investments", "marketable, noncurrent", "MarketableSecuritiesNoncurrent",
           "AvailableForSaleSecuritiesNoncurrent", "LongTermInvestments"),
    _stock("goodwill", "goodwill", "Goodwill", "ifrs-full:Goodwill"),
    _stock("intangibles", "other intangibles", "IntangibleAssetsNetExcludingGoodwill",
           "FiniteLivedIntangibleAssetsNet"),
    _stock("assets", "total assets", "Assets", "ifrs-full:Assets", strong=True),
    _stock("payables", "accounts payable", "AccountsPayableCurrent", "AccountsPayableTradeCurrent",
           "ifrs-full:TradeAndOtherCurrentPayables"),
    _stock("deferred_revenue", "deferred revenue", "ContractWithCustomerLiabilityCurrent", "DeferredRevenueCurrent"),
    _stock("short_debt", "short-term borrowings", "ShortTermBorrowings", "CommercialPaper"),
    _stock("current_debt", "long-term debt, current", "LongTermDebtCurrent",
           "LongTermDebtAndCapitalLeaseObligationsCurrent", "DebtCurrent"),
    _stock("current_liabilities", "current liabilities", "LiabilitiesCurrent", "ifrs-full:CurrentLiabilities",
           strong=True),
    _stock("long_debt", "long-term debt", "LongTermDebtNoncurrent", "LongTermDebtAndCapitalLeaseObligations",
           "ConvertibleDebtNoncurrent", "ConvertibleLongTermNotesPayable",
           otherwise=((1, "all_long_debt"), (-1, "current_debt?"))),
    # what some filers tell instead: with the part that falls due within the year
    _stock("all_long_debt", "long-term debt with its current part", "LongTermDebt", shown=False),
    _stock("liabilities", "total liabilities", "Liabilities", "ifrs-full:Liabilities", strong=True,
           otherwise=((1, "liabilities_and_equity"), (-1, "equity_total"), (-1, "mezzanine?"))),
    _stock("mezzanine", "temporary equity",
           "TemporaryEquityCarryingAmountIncludingPortionAttributableToNoncontrollingInterests",
           "TemporaryEquityCarryingAmountAttributableToParent",
           "TemporaryEquityValueExcludingAdditionalPaidInCapital",
           "RedeemableNoncontrollingInterestEquityCarryingAmount"),
    _stock("retained", "retained earnings", "RetainedEarningsAccumulatedDeficit", "ifrs-full:RetainedEarnings"),
    _stock("equity", "shareholders' equity", "StockholdersEquity", "ifrs-full:EquityAttributableToOwnersOfParent",
           "ifrs-full:Equity", strong=True),
    _stock("equity_total", "equity with minorities",
           "StockholdersEquityIncludingPortionAttributableToNoncontrollingInterest", "ifrs-full:Equity", shown=False,
           otherwise=((1, "equity"),)),
    _stock("liabilities_and_equity", "liabilities and equity", "LiabilitiesAndStockholdersEquity",
           "ifrs-full:EquityAndLiabilities", strong=True),
    _stock("debt", "debt", shown=False,
           otherwise=((1, "short_debt?"), (1, "current_debt?"), (1, "long_debt?"))),
    _stock("liquid", "cash and securities", shown=False,
           otherwise=((1, "cash"), (1, "short_investments?"), (1, "long_investments?"))),
    _stock("net_debt", "net debt", shown=False, otherwise=((1, "debt"), (-1, "liquid"))),
    _stock("invested", "invested capital", shown=False,
           otherwise=((1, "equity_total"), (1, "debt?"), (-1, "liquid"))),
)  # fmt: skip

SHARE = (
    Line("eps_basic", "earnings a share, basic", "share", "per_share",
         _gaap("EarningsPerShareBasic", "EarningsPerShareBasicAndDiluted", "ifrs-full:BasicEarningsLossPerShare")),
    Line("eps_diluted", "earnings a share, diluted", "share", "per_share",
         _gaap("EarningsPerShareDiluted", "EarningsPerShareBasicAndDiluted", "ifrs-full:DilutedEarningsLossPerShare"),
         strong=True),
    Line("dividend_per_share", "dividends a share", "share", "dividend",
         _gaap("CommonStockDividendsPerShareDeclared", "CommonStockDividendsPerShareCashPaid")),
    Line("shares_basic", "weighted shares, basic", "share", "average",
         _gaap("WeightedAverageNumberOfSharesOutstandingBasic", "ifrs-full:WeightedAverageShares")),
    Line("shares_diluted", "weighted shares, diluted", "share", "average",
         _gaap("WeightedAverageNumberOfDilutedSharesOutstanding",
               "ifrs-full:AdjustedWeightedAverageShares")),
    Line("shares_at_end", "shares at the period's end", "share", "stock", _gaap("CommonStockSharesOutstanding")),
)  # fmt: skip

# The cover's count first: it is the newest, as of its own date; else the balance sheet's.
OUTSTANDING = ("dei:EntityCommonStockSharesOutstanding", "us-gaap:CommonStockSharesOutstanding")

# Used by ratios only; sums of lines across statements.
MADE = (
    Line(
        "ebitda", "EBITDA", "income", "flow", (), ((1, "operating_income"), (1, "depreciation")), shown=False
    ),
)
LINES: Mapping[str, Line] = {line.name: line for line in (*INCOME, *BALANCE, *CASH, *SHARE, *MADE)}
CONCEPTS: frozenset[str] = frozenset(c for line in LINES.values() for c in line.concepts) | frozenset(
    OUTSTANDING
)


def statement_lines(statement: Statement) -> tuple[Line, ...]:
    """The lines of a statement that are shown, from top to bottom."""
    return tuple(line for line in LINES.values() if line.statement == statement and line.shown)
